/* The field of an upload: what a screen reader calls it, and a word where the browser itself turns a file away. */
(function () {
  var MOST = 5000000; // planner.downloads.MOST_BYTES

  function say(text) {
    window.dash_clientside.set_props("notices", {
      sendNotifications: [{ action: "show", title: "This workbook was not taken", message: text, color: "red", autoClose: 10000 }],
    });
  }

  function look(files) {
    for (var i = 0; i < (files || []).length; i++) {
      if (files[i].size > MOST) {
        say(files[i].name + " is larger than 5 MB. Save it without pictures or added sheets of data, and try again.");
      } else if (!/\.xlsx$/i.test(files[i].name)) {
        say(files[i].name + " is no workbook of the kind .xlsx. Save it as one, and try again.");
      }
    }
  }

  ["change", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      if (event.target.closest && event.target.closest("#scenario-upload")) {
        look(kind === "drop" ? event.dataTransfer.files : event.target.files);
      }
    }, true);
  });

  // the button before the field opens it, so it needs no stop of its own on the way through the page
  new MutationObserver(function () {
    document.querySelectorAll("#scenario-upload input[type=file]:not([aria-label])").forEach(function (field) {
      field.setAttribute("aria-label", "Edited workbook to open (XLSX)");
      field.tabIndex = -1;
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
