// One place on the page where a person sits: who it is can be changed, what they see is the messenger's business.

import { el, icon } from "./dom.js";
import { makeModal } from "./modal.js";
import { makeSlack } from "./slack.js";
import { makeTelegram } from "./telegram.js";

const APPS = { telegram: makeTelegram, slack: makeSlack };
export const MESSENGERS = { telegram: "Telegram", slack: "Slack" };
const TOAST = 4000;

const chosen = new Map(); // seat key -> the conversation it looks at
const seen = new Map(); // seat key and conversation -> ids of the messages already looked at

export function makePane(number, sit) {
  const select = el("select", { class: "seat", "aria-label": `Who sits in place ${number + 1}`, on: { change: () => sit(select.value) } });
  const name = el("h2", { class: "hidden" });
  const mark = el("span", { class: "mark" });
  const screen = el("div", { class: "screen" });
  const toast = el("p", { class: "toast", role: "status" });
  const device = el("div", { class: "device" }, screen, toast);
  const root = el("section", { class: "pane", id: `pane-${number}`, "aria-labelledby": `pane-name-${number}` },
    el("header", { class: "pane-head" }, name, mark, el("span", { class: "seat-box" }, select, icon("down"))), device);
  name.id = `pane-name-${number}`;
  const modal = makeModal(device, screen);
  let key = null;
  let app = null;
  let last = null;
  let toasting = 0;

  // `around`: the invitation meant for this seat, if any. Returns how many messages wait in conversations not on the screen.
  function update(view, around) {
    const fresh = key !== view.key;
    if (fresh) {
      modal.close();
      key = view.key;
      app = APPS[view.messenger](choose);
      screen.replaceChildren(app.root);
      name.textContent = `${view.name} in ${MESSENGERS[view.messenger]}`;
      mark.replaceChildren(icon(view.messenger));
      device.dataset.messenger = view.messenger;
    }
    const said = !fresh && view.toast && view.toast !== last?.view.toast;
    last = { view, around };
    look();
    modal.update(view);
    if (said) notify(view.toast);
    if (!view.toast) toast.textContent = "";
  }

  function look() {
    const { view, around } = last;
    const shown = app.update(view, { chosen: chosen.get(key), unread, invitation: around });
    chosen.set(key, shown);
    const current = view.conversations.find(({ id, kind }) => (id || kind) === shown);
    if (current) seen.set(`${key} ${current.id}`, new Set(current.messages.map(({ id }) => id)));
  }

  function choose(conversation) {
    chosen.set(key, conversation);
    look();
    screen.querySelector("[aria-current]")?.focus();
  }

  function unread(conversation) {
    if ((conversation.id || conversation.kind) === chosen.get(key) || conversation.kind === "home") return 0;
    const known = seen.get(`${key} ${conversation.id}`);
    return conversation.messages.filter(({ id, mine }) => !mine && !known?.has(id)).length;
  }

  function notify(words) {
    toast.textContent = words;
    clearTimeout(toasting);
    toasting = setTimeout(() => { toast.textContent = ""; }, TOAST);
  }

  function offer(seats, current) {
    const people = seats.map((each) => [each.key, `${each.name} · ${MESSENGERS[each.messenger]}`]);
    if (select.dataset.people !== String(people)) select.replaceChildren(...people.map(([value, text]) => el("option", { value, text })));
    select.dataset.people = String(people);
    select.value = current;
  }

  return { root, update, offer, get key() { return key; } };
}
