// What shows the notifications of Égard, version 1. A site's own worker file loads it with `importScripts`;
// docs/channels.md shows how. It asks nobody whether a notification was seen, and tells nobody that it was.
"use strict";

self.addEventListener("push", (event) => {
  let said;
  try {
    said = event.data.json();
  } catch {
    return;
  }
  if (said.v !== 1) return;
  const why = said.lang === "fr" ? "Pourquoi ?" : "Why?";
  event.waitUntil(
    self.registration.showNotification(said.title, {
      body: said.body,
      lang: said.lang,
      // A repetition replaces what is shown and makes no sound.
      tag: said.id,
      renotify: false,
      data: { url: said.url, why: said.why },
      actions: said.why ? [{ action: "why", title: why }] : [],
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url, why } = event.notification.data || {};
  const target = event.action === "why" ? why : url;
  if (typeof target !== "string" || !target.startsWith("https://")) return;
  event.waitUntil(self.clients.openWindow(target));
});
