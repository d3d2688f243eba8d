// Asks the server what it finds in the words that are typed, half a second after the last letter, and shows its
// answer under them. Without this script the button does the same. Nothing is put into the page but text.
"use strict";
(() => {
  const form = document.querySelector("form[data-lint]");
  const shown = document.getElementById("findings");
  if (!form || !shown) return;
  let waiting, asked = 0;

  function line(tag, text, name) {
    const element = document.createElement(tag);
    element.textContent = text;
    if (name) element.className = name;
    return element;
  }

  function show(answer) {
    const list = document.createElement("ul");
    list.className = "rulebook";
    for (const one of answer.findings) {
      const item = document.createElement("li");
      item.dataset.testid = "finding";
      item.append(line("p", one.title, "name"), line("p", one.why), line("p", one.alternative, "small"));
      list.append(item);
    }
    shown.replaceChildren(line("p", answer.said), list);
  }

  async function ask() {
    const number = ++asked;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
      });
      // A later question has the word.
      if (answer.ok && number === asked) show(await answer.json());
    } catch {
      // The button is still there.
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 500);
  });
})();
