// A t.me link is opened by somebody in the playground's Telegram, not by the real one.

import * as api from "./api.js";
import { openMenu } from "./menu.js";
import { complain } from "./notices.js";
import { telegramLink } from "./safe.js";

// `seats()`: the people who can open one; `opened(key)` is told who did.
export function catchLinks(seats, opened) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || !telegramLink(link.href)) return;
    event.preventDefault();
    offerLink(link, link.href, seats(), opened);
  });
}

export function offerLink(anchor, url, people, opened) {
  if (!people.length) return complain("Nobody here sits in Telegram to open this link.");
  openMenu(anchor, "Open this link as", people.map(({ key, name }) => ({
    label: name, hint: "Telegram",
    act: async () => { if (await api.openLink(key, url)) opened(key); },
  })));
}
