// One small menu beside whatever opened it: bot commands, choices of a Slack menu, "open this link as …".

import { el } from "./dom.js";

let open = null;

export function closeMenu(returnFocus = true) {
  if (!open) return;
  const { list, anchor } = open;
  open = null;
  list.remove();
  if (anchor.hasAttribute("aria-expanded")) anchor.setAttribute("aria-expanded", "false");
  if (returnFocus && anchor.isConnected) anchor.focus({ preventScroll: true });
}

// `items`: {label, hint, act}. Escape, Tab or a press elsewhere closes it; the arrows, Home, End and letters move in it.
export function openMenu(anchor, label, items) {
  const again = open?.anchor === anchor;
  closeMenu();
  if (again) return;
  const list = el("div", { class: "menu", role: "menu", "aria-label": label },
    el("p", { class: "menu-title", "aria-hidden": "true", text: label }),
    items.map(({ label: words, hint, act }) => el("button", {
      type: "button", role: "menuitem", tabindex: "-1",
      on: { click: () => { closeMenu(); act(); } },
    }, el("span", { text: words }), hint ? el("small", { text: hint }) : null)));
  list.addEventListener("keydown", (event) => move(event, [...list.querySelectorAll("[role=menuitem]")]));
  document.body.append(list);
  place(list, anchor.getBoundingClientRect());
  if (anchor.tagName === "BUTTON") anchor.setAttribute("aria-expanded", "true");
  open = { list, anchor };
  list.querySelector("[role=menuitem]")?.focus();
}

function place(list, at) {
  const { offsetWidth: width, offsetHeight: height } = list;
  const below = at.bottom + 6 + height < innerHeight;
  list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  list.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
}

function move(event, all) {
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    closeMenu();
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
  } else if (to !== undefined) {
    event.preventDefault();
    all[to].focus();
  } else if (event.key.length === 1 && /\S/.test(event.key)) {
    all.find((each) => each.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.list.contains(event.target) && !open.anchor.contains(event.target)) closeMenu(false);
});
window.addEventListener("resize", () => closeMenu(false));
