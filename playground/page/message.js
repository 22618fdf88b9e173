// What both messengers' messages are made of: words, media, buttons.

import * as api from "./api.js";
import { el, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { formatted, isLocal, outward, safeAddress } from "./safe.js";

export function words(message) {
  const node = el("div", { class: "words", dir: "auto" });
  node.append(formatted(message.html));
  return node;
}

export function media(message) {
  return message.media.map((item) => (isLocal(item.url) ? shown(item) : linked(item)));
}

function shown(item) {
  switch (item.kind) {
    case "photo":
      return el("img", { class: "photo", src: item.url, alt: item.name || "Photo" });
    case "video":
      return el("video", { class: "photo", src: item.url, controls: true, preload: "metadata", "aria-label": item.name || "Video" });
    case "voice":
      return el("audio", { class: "voice", src: item.url, controls: true, preload: "metadata", "aria-label": "Voice message" });
    default:
      return linked(item);
  }
}

const KINDS = { photo: "Photo", video: "Video", voice: "Voice message", file: "File" };

function linked(item) {
  const address = safeAddress(item.url);
  const node = el(address ? "a" : "span", { class: "attachment", href: address },
    el("span", { class: "attachment-icon" }, icon(item.kind === "video" || item.kind === "voice" ? "play" : "file")),
    el("span", {}, el("b", { text: item.name || KINDS[item.kind] }),
      el("small", { text: isLocal(item.url) || !address ? KINDS[item.kind] : `${KINDS[item.kind]} at ${new URL(address).host}` })));
  if (address) outward(node);
  return node;
}

// Rows of buttons under a message. `look`: the class each button wears.
export function buttons(message, seat, conversation, look) {
  return message.rows.map((row) => el("div", { class: `${look}-row` },
    row.map((button) => one(button, message, seat, conversation, look))));
}

function one(button, message, seat, conversation, look) {
  const shape = { class: `${look} ${button.style}`, "data-id": button.id };
  if (button.url) {
    const address = safeAddress(button.url);
    const link = el("a", { ...shape, href: address, role: address ? null : "note" }, el("span", { text: button.label }), icon("out"));
    outward(link);
    return link;
  }
  const press = async (node, value) => {
    if (node.getAttribute("aria-busy") === "true") return; // an impatient second press is the same press
    node.setAttribute("aria-busy", "true");
    await api.tap(seat.key, message.id, button.id, value, conversation.id);
    node.removeAttribute("aria-busy");
  };
  if (!button.options.length) {
    return el("button", { ...shape, type: "button", text: button.label, on: { click: (event) => press(event.currentTarget, "") } });
  }
  return el("button", {
    ...shape, type: "button", "aria-haspopup": "menu", "aria-expanded": "false",
    on: {
      click: ({ currentTarget: node }) => openMenu(node, button.label,
        button.options.map(([value, label]) => ({ label, act: () => press(node, value) }))),
    },
  }, el("span", { text: button.label }), icon("down"));
}
