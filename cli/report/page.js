let printing = false;
const places = [...document.querySelectorAll(".chart")];
for (const place of places) {
  const figure = JSON.parse(place.querySelector("script").textContent);
  place.replaceChildren();
  Plotly.newPlot(place, figure.data, figure.layout, {displayModeBar: false});
  new ResizeObserver(() => { if (!printing) Plotly.Plots.resize(place); }).observe(place);
}
// Paper has another width than the window, and a printed chart keeps the width that it was drawn with.

function toPaper() {
  document.documentElement.classList.add("paper");
  printing = true;
  for (const place of places) Plotly.relayout(place, {autosize: false, width: place.clientWidth});
  for (const file of document.querySelectorAll("details")) file.open = true;
  fitFirstPage();
}
// The first page is one page: its type becomes smaller until it is, down to what can still be read.
function fitFirstPage() {
  const front = document.querySelector(".executive");
  const most = Number(document.body.dataset.paperHeight);
  for (let scale = 1; scale > 0.6; scale -= 0.03) {
    front.style.setProperty("--scale", scale);
    if (front.getBoundingClientRect().height <= most) return;
  }
}
function toScreen() {
  document.documentElement.classList.remove("paper");
  printing = false;
  for (const place of places) Plotly.relayout(place, {autosize: true, width: null});
  for (const file of document.querySelectorAll("details")) file.open = false;
}
if (document.documentElement.classList.contains("paper")) toPaper();
else {
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
}
