"use strict";

// Shows the parts of the page that the server sends; without it the page stands still.
(() => {
  const state = document.getElementById("state");
  const asOf = document.getElementById("as-of");
  const PATIENCE = 3000, AGAIN = 10000;
  let stream = null, silence = null, later = null;

  function localise(root) {
    const today = new Date().toDateString();
    for (const time of root.querySelectorAll("time")) {
      const at = new Date(time.dateTime);
      time.title = at.toISOString();
      const clock = at.toLocaleTimeString();
      time.textContent = at.toDateString() === today ? clock : `${at.toLocaleDateString()} ${clock}`;
    }
  }

  function say(text, live) {
    if (state.textContent !== text) {
      state.textContent = text;
    }
    state.classList.toggle("live", live);
  }

  function heard() {
    clearTimeout(silence);
    silence = null;
    say("Live", true);
  }

  function show(parts) {
    for (const [name, markup] of Object.entries(parts)) {
      const place = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
      if (place) {
        const focused = document.activeElement;
        const link = place.contains(focused) ? focused.getAttribute("href") : null;
        place.innerHTML = markup;
        localise(place);
        if (link) {
          place.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus();
        }
      }
    }
  }

  function close() {
    clearTimeout(later);
    later = null;
    if (stream) {
      stream.close();
      stream = null;
    }
  }

  function open() {
    close();
    stream = new EventSource("stream" + location.search);
    stream.addEventListener("parts", (event) => {
      heard();
      show(JSON.parse(event.data));
    });
    stream.addEventListener("time", (event) => {
      heard();
      asOf.innerHTML = JSON.parse(event.data);
      localise(asOf);
    });
    stream.onerror = () => {
      // The server ends each stream after a while, and the browser opens the next.
      silence ??= setTimeout(() => say("Not live: connecting again", false), PATIENCE);
      if (stream.readyState === EventSource.CLOSED) {
        later = setTimeout(open, AGAIN);
      }
    };
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
      say("Not live while it is not seen", false);
    } else {
      open();
    }
  });
  localise(document);
  open();
})();
