// A conversation as it scrolls by: days, messages, and a way back down when something new came in.

import { day, el, icon, reconcile } from "./dom.js";

const NEAR = 60; // pixels from the foot within which a person is reading the newest
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const TOGETHER = 5 * 60 * 1000;

// `draw(message, {first, last})` makes one message; `first` and `last` say where it stands in a run by one author.
export function makeLog(label, draw) {
  const list = el("div", { class: "log", role: "log", tabindex: "0", "aria-label": label });
  const jump = el("button", { type: "button", class: "jump", hidden: true, "aria-label": "Go to the newest message", on: { click: () => foot(true) } }, icon("down"));
  const root = el("div", { class: "log-frame" }, list, jump);
  let shown = null;

  const distance = () => list.scrollHeight - list.scrollTop - list.clientHeight;
  const foot = (smooth) => list.scrollTo({ top: list.scrollHeight, behavior: smooth && !calm.matches ? "smooth" : "instant" });
  list.addEventListener("scroll", () => { if (distance() < NEAR) jump.hidden = true; }, { passive: true });
  list.addEventListener("load", () => { if (jump.hidden) foot(false); }, true); // a picture arrived and pushed the foot down
  new ResizeObserver(() => { if (jump.hidden) foot(false); }).observe(list);

  function show(conversation, signature) {
    const another = shown !== conversation.id;
    const reading = another || distance() < NEAR;
    const newest = list.dataset.newest;
    list.setAttribute("aria-busy", String(another)); // a whole history is not news
    reconcile(list, rows(conversation, signature, draw));
    requestAnimationFrame(() => list.setAttribute("aria-busy", "false"));
    const last = conversation.messages.at(-1);
    list.dataset.newest = last?.id ?? "";
    if (reading || last?.mine && newest !== last.id) foot(false);
    else if (newest !== list.dataset.newest) jump.hidden = false;
    shown = conversation.id;
  }

  return { root, list, show };
}

function rows(conversation, signature, draw) {
  const { messages } = conversation;
  const out = [];
  let before = null;
  messages.forEach((message, at) => {
    const moment = new Date(message.at);
    const today = day(moment);
    const after = messages[at + 1];
    if (conversation.kind !== "home" && (!before || day(new Date(before.at)) !== today)) {
      out.push({ key: `day ${moment.toDateString()} ${at}`, sig: today, make: () => el("p", { class: "day" }, el("span", { text: today })) });
      before = null;
    }
    const place = { first: !together(before, message), last: !together(message, after) };
    out.push({
      key: `message ${message.id}`,
      sig: JSON.stringify([message, place, signature]),
      make: () => draw(message, place),
    });
    before = message;
  });
  return out;
}

const together = (one, next) => Boolean(one && next && one.author === next.author && one.mine === next.mine
  && one.ephemeral === next.ephemeral && Math.abs(new Date(next.at) - new Date(one.at)) < TOGETHER
  && day(new Date(one.at)) === day(new Date(next.at)));
