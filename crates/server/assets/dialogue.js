// The consent dialogue of Égard, for the pages of a site.
//
// A page loads this file with `data-write-key`, and may have an element with `data-egard-consent` where
// the person changes their mind (else it is the page's end); docs/consent.md shows how.
//
// Also: data-notice (a notice's id), data-lang (`en` or `fr`; else the page's). It loads nothing from
// anybody else, stores nothing before an answer, covers no page, and says no as easily as yes. A no of
// somebody without a name is told to nobody. It fires `egard:consent` on the window with
// `detail.given` (purpose to true or false) and `detail.anonymousId`, when an answer stands and when it
// changes; `window.egardConsent` has `open()` and `withdraw()`.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.egardConsent) return;
  const base = new URL(".", script.src);
  const { writeKey, notice: noticeId = "", lang } = script.dataset;
  const ANSWER = "egard-consent";
  const VISITOR = "ajs_anonymous_id";
  const LASTS = 182 * 86400;

  let notice;
  let given = new Set();
  let answeredBy = null;
  let panel = null;
  let opener = null;

  const css = `
    :host { all: initial; display: block; color-scheme: light dark; }
    * { box-sizing: border-box; }
    .panel, .handle { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #1c2a33; }
    .panel { position: fixed; inset: auto 0 0 0; z-index: 2147483000; max-height: 70vh; overflow: auto; margin: 0 auto;
      width: min(100%, 46rem); padding: 1rem 1rem 0; scroll-padding-bottom: 13rem; background: #fffefb; border: 1px solid #7d8589; border-bottom: 0;
      border-radius: 1rem 1rem 0 0; box-shadow: 0 -4px 24px rgb(0 0 0 / .18); overflow-wrap: break-word; }
    h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .5rem; }
    p { margin: 0 0 .6rem; }
    fieldset { border: 0; margin: .5rem 0; padding: 0; }
    legend { font-weight: 600; padding: 0; }
    .answer { display: grid; grid-template-columns: 2.25rem minmax(0, 1fr); align-items: center; border-top: 1px solid #d9d4c7; padding: .4rem 0; }
    .answer input { width: 1.5rem; height: 1.5rem; margin: 0; accent-color: #155e63; }
    .answer label { font-weight: 600; padding: .4rem 0; cursor: pointer; }
    .answer p { grid-column: 2; margin: 0; font-size: .95rem; }
    .decide { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr));
      position: sticky; bottom: 0; margin: .5rem 0 0; padding: .5rem 0 1rem; background: inherit; }
    .decide p { grid-column: 1 / -1; margin: 0; }
    .decide p:empty { display: none; }
    @media (min-width: 40rem) { .panel { scroll-padding-bottom: 6rem; } }
    button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .4rem 1rem; border-radius: .6rem; cursor: pointer;
      border: 1px solid #155e63; background: #155e63; color: #fff; }
    button.quiet { background: transparent; border-color: #7d8589; color: inherit; font-weight: 400; }
    button:hover { text-decoration: underline; text-underline-offset: .2em; }
    :focus-visible { outline: 3px solid #155e63; outline-offset: 2px; }
    .small { font-size: .85rem; color: #4f5d66; margin: 0 0 .6rem; }
    .alert { border-left: 4px solid #a4453c; padding-left: .75rem; }
    .wish { border-left: 4px solid #155e63; padding-left: .75rem; }
    .handle { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .75rem 1rem; background: #fffefb; }
    .handle p { margin: 0; flex: 1 1 14rem; }
    .handle p:empty { display: none; }
    @media (prefers-color-scheme: dark) {
      .panel, .handle { color: #e8edef; background: #19232a; }
      .panel { border-color: #74838c; }
      .answer { border-color: #2d3a43; }
      .answer input { accent-color: #86cfcd; }
      button { background: #86cfcd; border-color: #86cfcd; color: #0d2326; }
      button.quiet { border-color: #74838c; }
      :focus-visible { outline-color: #86cfcd; }
      .small { color: #a9b5bc; }
      .alert { border-color: #e28d82; }
      .wish { border-color: #86cfcd; }
    }
    @media (max-height: 30rem) { .decide { position: static; } .panel { scroll-padding-bottom: 0; } }
    @media print { .panel, .handle { display: none; } }`;

  /** An element with properties and children; texts are texts, never markup. */
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "onclick") element.addEventListener("click", value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  /** A place of our own that the page's styles do not reach; no inline style, so any policy allows it. */
  function host(element) {
    const root = element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    element.lang = notice.language;
    return root;
  }

  function cookie(name) {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
    return found ? found.slice(name.length + 1) : null;
  }

  function remember(name, value) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${value}; Path=/; Max-Age=${LASTS}; SameSite=Lax${secure}`;
  }

  /** The answer this device remembers to this very notice: a set of purposes, or null. */
  function remembered() {
    const parts = (cookie(ANSWER) ?? "").split(".");
    if (parts.length !== 4 || parts[0] !== "1" || parts[1] !== notice.notice) return null;
    return new Set(parts[3].split("+").filter((name) => name));
  }

  /** The visitor's own name, where the site's library gave them one. */
  function visitor() {
    let stored = null;
    try { stored = localStorage.getItem(VISITOR); } catch { /* storage is switched off */ }
    return (cookie(VISITOR) ?? stored ?? "").replaceAll("%22", "").replaceAll('"', "") || null;
  }

  function fresh() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function post(path, body) {
    const answer = await fetch(new URL(path, base), {
      method: "POST", mode: "cors", credentials: "omit", keepalive: true,
      headers: { "content-type": "application/json" }, body: JSON.stringify({ writeKey, ...body }),
    });
    if (!answer.ok) throw new Error(`consent: ${path} answers ${answer.status}`);
    return answer.json();
  }

  /** Tells the page what stands. */
  function tell() {
    const purposes = Object.fromEntries(notice.purposes.map(({ name }) => [name, given.has(name)]));
    window.dispatchEvent(new CustomEvent("egard:consent", { detail: { given: purposes, anonymousId: visitor() } }));
  }

  /** Records an answer; when it returns the server has it on disk, or there was nothing to tell it. */
  async function answer(action, yes) {
    const known = visitor();
    const name = known ?? (yes.size > 0 ? fresh() : null);
    if (name) {
      const choices = Object.fromEntries(notice.purposes.map((purpose) => [purpose.name, yes.has(purpose.name)]));
      const { id, version, textHash, language } = notice;
      const kept = await post("choice", {
        anonymousId: name, notice: id, version, textHash, language, action, choices,
        page: location.host + location.pathname,
      });
      yes = new Set(notice.purposes.map((purpose) => purpose.name).filter((purpose) => kept.given.includes(purpose)));
    }
    if (name && !known) remember(VISITOR, name);
    const day = Math.floor(Date.now() / 86400000);
    remember(ANSWER, ["1", notice.notice, day, [...yes].join("+")].join("."));
    given = yes;
  }

  async function decide(action, yes) {
    const inside = panel && panel.host.shadowRoot.activeElement;
    try {
      await answer(action, yes);
    } catch {
      say(panel ? panel.said : handle.said, notice.words.failed, "alert");
      return;
    }
    close(Boolean(inside));
    draw();
    say(handle.said, given.size > 0 ? notice.words.given : notice.words.refused, "status");
    tell();
  }

  function say(place, text, role) {
    place.setAttribute("role", role);
    place.className = role === "alert" ? "alert" : "";
    place.textContent = text;
  }

  function button(id, text, onclick, quiet = false) {
    return make("button", { type: "button", class: quiet ? "quiet" : undefined, "data-testid": `egard-${id}`, onclick }, text);
  }

  /** Shows the question. `asked`: by the person, who then is taken to it and back again. */
  function open(asked) {
    if (panel) return panel.box.focus();
    opener = asked ? handle.change : null;
    const { words, purposes } = notice;
    const element = document.createElement("egard-consent");
    const root = host(element);
    const boxes = purposes.map(({ name }) => make("input", { type: "checkbox", id: name, checked: given.has(name), "aria-describedby": `${name}-means` }));
    const ticked = () => new Set(purposes.map(({ name }) => name).filter((_, at) => boxes[at].checked));
    // All the words are there before the first button: what is accepted was shown.
    const each = answeredBy
      ? purposes.map(({ label, text }) => make("p", {}, make("strong", {}, label), ` \u2013 ${text}`))
      : [make("fieldset", {}, make("legend", {}, words.each), ...purposes.map(({ name, label, text }, at) =>
        make("div", { class: "answer" }, boxes[at], make("label", { for: name }, label), make("p", { id: `${name}-means` }, text))))];
    const all = new Set(purposes.map(({ name }) => name));
    const save = button("save", words.save, () => decide("save", ticked()));
    const refuse = given.size > 0
      ? button("refuse", words.withdraw, () => decide("withdraw", new Set()))
      : button("refuse", words.refuse, () => decide("refuse_all", new Set()));
    const buttons = answeredBy ? [refuse] : [refuse, button("accept", words.accept, () => decide("accept_all", all)), save];
    const wish = answeredBy ? [make("p", { class: "wish" }, answeredBy === "gpc" ? words.signal : words.signalled)] : [];
    const said = make("p", {});
    const box = make("section", { class: "panel", role: asked ? "dialog" : "region", "aria-labelledby": "title", tabindex: "-1", "data-testid": "egard-panel" },
      make("h2", { id: "title" }, notice.title), make("p", {}, notice.text), ...wish,
      ...each, make("p", { class: "small" }, `${words.same} ${words.by} ${words.version}`),
      ...(asked ? [make("p", {}, button("close", words.close, () => close(true), true))] : []),
      make("div", { class: "decide" }, said, ...buttons));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close(true);
    });
    root.append(box);
    // First in the order of the page, so that the keyboard comes to it first; what has the focus is
    // never scrolled under it.
    document.body.prepend(element);
    document.documentElement.style.scrollPaddingBottom = `${box.offsetHeight}px`;
    panel = { host: element, box, said };
    if (asked) box.focus();
    return undefined;
  }

  /** Takes the question away. Without an answer nothing is remembered, and nothing is used. */
  function close(focus) {
    if (!panel) return;
    panel.host.remove();
    document.documentElement.style.scrollPaddingBottom = "";
    panel = null;
    if (focus) (opener ?? handle.change).focus({ preventScroll: !opener });
  }

  /** Where the person changes their mind: one click takes everything back. */
  const handle = { root: null, said: null, change: null };
  function draw() {
    const { words } = notice;
    if (!handle.root) {
      let element = document.querySelector("[data-egard-consent]");
      if (!element) {
        element = document.createElement("div");
        document.body.append(element);
      }
      handle.root = host(element);
      handle.said = make("p", { role: "status" });
      handle.change = button("change", words.change, () => open(true), true);
      handle.withdraw = button("withdraw", words.withdraw, () => decide("withdraw", new Set()), true);
      handle.root.append(make("div", { class: "handle" }, handle.change, handle.withdraw, handle.said));
    }
    handle.withdraw.hidden = given.size === 0;
  }

  async function start() {
    const language = lang || document.documentElement.lang || navigator.language;
    const address = new URL(`notice.json?id=${encodeURIComponent(noticeId)}&lang=${encodeURIComponent(language)}`, base);
    notice = await (await fetch(address, { credentials: "omit" })).json();
    if (!notice) return;
    const name = visitor();
    const state = await post("state", { notice: notice.id, ...(name ? { anonymousId: name } : {}) });
    given = new Set(state.given);
    answeredBy = state.answeredBy;
    draw();
    window.egardConsent = { open: () => open(true), withdraw: () => decide("withdraw", new Set()) };
    const before = remembered();
    const refused = before !== null && before.size === 0;
    if (state.ask.length > 0 && given.size === 0 && !refused) open(false);
    else tell();
  }

  start().catch((error) => console.warn(String(error)));
})();
