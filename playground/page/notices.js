// Short sentences at the foot of the page: what happened, or why something did not.

import { el } from "./dom.js";

function show(where, words, seconds) {
  const node = el("p", { class: "notice", text: words });
  document.getElementById(where).replaceChildren(node);
  setTimeout(() => node.remove(), seconds * 1000);
}

export const tell = (words) => show("notices", words, 5);
export const complain = (words) => show("alerts", words, 8);
