/* Keyboard: Ctrl+Enter optimises, Ctrl+S saves, Alt+1 to Alt+4 open the views. Buttons say so in their titles. */
document.addEventListener("keydown", function (event) {
  var press = function (id) {
    var target = document.getElementById(id);
    if (target && !target.disabled && target.offsetParent) { // what is not in sight is not pressed
      event.preventDefault();
      target.click();
    }
  };
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    if (document.activeElement && document.activeElement.blur) {
      document.activeElement.blur(); // a field that is being edited hands its value in first
    }
    window.setTimeout(function () { press("plan-optimise"); }, 60);
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    press("save-button");
  } else if (event.altKey && /^[1-4]$/.test(event.key)) {
    var links = document.querySelectorAll("header nav a");
    var link = links[Number(event.key) - 1];
    if (link) {
      event.preventDefault();
      link.click();
    }
  }
});
