// Notifications of Égard, for the pages of a site: the browser is asked when the person presses a button, never before.
//
// A page loads this file and has a button with `data-egard-push`; docs/channels.md shows how. On the button:
// data-key (the public key of `/v1/push-subscriptions/key`), data-worker (the site's own worker file), data-post
// (an address of the site, which hands what it is sent to `/v1/push-subscriptions`). It loads nothing, stores
// nothing, and stays hidden where a browser cannot show notifications. It fires `egard:push` on the button with
// `detail.state`: `on`, `off`, `refused` or `failed`.
(() => {
  "use strict";
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };
  const tell = (button, state) => {
    button.setAttribute("aria-pressed", String(state === "on"));
    button.dispatchEvent(new CustomEvent("egard:push", { bubbles: true, detail: { state } }));
  };
  const post = async (button, body) => {
    const answer = await fetch(button.dataset.post, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error("not taken");
  };
  const on = async (button) => {
    if ((await Notification.requestPermission()) !== "granted") return tell(button, "refused");
    await navigator.serviceWorker.register(button.dataset.worker);
    const { pushManager } = await navigator.serviceWorker.ready;
    const subscription = await pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytes(button.dataset.key),
    });
    try {
      await post(button, { subscription: subscription.toJSON() });
    } catch (error) {
      await subscription.unsubscribe();
      throw error;
    }
    tell(button, "on");
  };
  const current = async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return registration ? registration.pushManager.getSubscription() : null;
  };
  const off = async (button, subscription) => {
    await subscription.unsubscribe();
    await post(button, { subscription: null });
    tell(button, "off");
  };

  for (const button of document.querySelectorAll("[data-egard-push]")) {
    button.hidden = false;
    current().then((subscription) => button.setAttribute("aria-pressed", String(Boolean(subscription))), () => {});
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const subscription = await current();
        await (subscription ? off(button, subscription) : on(button));
      } catch {
        tell(button, "failed");
      } finally {
        button.disabled = false;
      }
    });
  }
})();
