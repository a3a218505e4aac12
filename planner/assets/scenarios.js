/* Buttons of the list of scenarios: which one was pressed, of which version (planner.view_scenarios_card.doing). */
document.addEventListener("click", function (event) {
  var pressed = event.target.closest && event.target.closest("[data-scenario-do]");
  if (pressed) {
    window.dash_clientside.set_props("scenario-do", {
      data: {
        do: pressed.getAttribute("data-scenario-do"),
        id: pressed.getAttribute("data-scenario"),
        version: Number(pressed.getAttribute("data-scenario-version")),
        n: Date.now(),
      },
    });
  }
});
