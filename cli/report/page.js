let printing = false;
const places = [...document.querySelectorAll(".chart")];
for (const place of places) {
  const figure = JSON.parse(place.querySelector("script").textContent);
  place.replaceChildren();
  Plotly.newPlot(place, figure.data, figure.layout, {displayModeBar: false}).then(() => fitTitle(place));
  new ResizeObserver(() => { if (!printing) Plotly.Plots.resize(place); }).observe(place);
}
// The title of an axis stands in the middle of the axis: beside long names on a phone it would run out of the chart.
function fitTitle(place) {
  const title = place.querySelector(".xtitle"), words = place.layout.xaxis?.title?.text?.split(" ") ?? [];
  if (!title || words.length < 2 || title.getBoundingClientRect().right <= place.getBoundingClientRect().right) return;
  const half = Math.ceil(words.length / 2);
  Plotly.relayout(place, {"xaxis.title.text": `${words.slice(0, half).join(" ")}<br>${words.slice(half).join(" ")}`});
}
// Paper has another width than the window, and a printed chart keeps the width that it was drawn with.

const TYPE = 13, SMALL_TYPE = 10.5;
function toPaper() {
  document.documentElement.classList.add("paper");
  printing = true;
  for (const place of places) {
    const height = Math.round(place.layout.height * SMALL_TYPE / TYPE);
    place.dataset.height = place.layout.height;
    place.style.height = `${height}px`;
    Plotly.relayout(place, {autosize: false, width: place.clientWidth, height, ...type(place, SMALL_TYPE)});
  }
  for (const box of document.querySelectorAll(".scroll")) fitTable(box);
  for (const file of document.querySelectorAll("details")) file.open = true;
  fitFirstPage();
}
function type(place, size) {
  const sizes = {"font.size": size};
  for (const axis of Object.keys(place.layout)) {
    if (/^[xy]axis/.test(axis) && place.layout[axis].title) sizes[`${axis}.title.font.size`] = size;
  }
  return sizes;
}
// A table that is wider than the sheet takes smaller type, because nobody scrolls on paper.
function fitTable(box) {
  const table = box.firstElementChild;
  for (let size = 10.5; size >= 6.5 && table.scrollWidth > box.clientWidth; size -= 0.5) table.style.fontSize = `${size}px`;
}
// The first page is one page: its type becomes smaller until it is, down to what can still be read.
function fitFirstPage() {
  const front = document.querySelector(".executive");
  const most = Number(document.body.dataset.paperHeight), top = document.body.getBoundingClientRect().top;
  for (let scale = 1; scale > 0.6; scale -= 0.03) {
    front.style.setProperty("--scale", scale);
    if (front.getBoundingClientRect().bottom - top <= most) return;
  }
}
function toScreen() {
  document.documentElement.classList.remove("paper");
  printing = false;
  for (const place of places) {
    const height = Number(place.dataset.height);
    place.style.height = `${height}px`;
    Plotly.relayout(place, {autosize: true, width: null, height, ...type(place, TYPE)});
  }
  for (const table of document.querySelectorAll("table")) table.style.fontSize = "";
  for (const file of document.querySelectorAll("details")) file.open = false;
}
if (document.documentElement.classList.contains("paper")) toPaper();
else {
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
}
