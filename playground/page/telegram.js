// A person's Telegram: chats on the left, bubbles, buttons under the message, Start before the first word.

import * as api from "./api.js";
import { avatar, el, icon, iconButton, time } from "./dom.js";
import { makeComposer } from "./composer.js";
import { makeLog } from "./log.js";
import { openMenu } from "./menu.js";
import * as message from "./message.js";

const NOBODY = { id: "", title: "Bot", kind: "private", messages: [], typing: false, blocked: false, pinned: "" };

export function makeTelegram(choose) {
  const chats = el("nav", { class: "tg-chats", "aria-label": "Chats" });
  const face = el("span");
  const title = el("h3");
  const status = el("p", { class: "tg-status" });
  const more = iconButton("more", "More", ({ currentTarget }) => openMenu(currentTarget, "Chat", choices()), { "aria-haspopup": "menu", "aria-expanded": "false" });
  const log = makeLog("Messages", draw);
  const pinned = el("button", { type: "button", class: "tg-pinned", on: { click: () => log.list.querySelector(`[data-message="${chat.pinned}"]`)?.scrollIntoView({ block: "center" }) } });
  const empty = el("div", { class: "empty" });
  const composer = makeComposer({ attach: "clip" });
  const commands = el("button", {
    type: "button", class: "tg-menu", "aria-haspopup": "menu", "aria-expanded": "false",
    on: { click: ({ currentTarget }) => openMenu(currentTarget, "Commands", seat.commands.map(([command, about]) => ({
      label: command, hint: about, act: () => api.say(seat.key, command, chat.id),
    }))) },
  }, icon("menu"), el("span", { text: "Menu" }));
  composer.extra.append(commands);
  const start = el("button", { type: "button", class: "tg-start" });
  const root = el("div", { class: "tg" }, chats,
    el("div", { class: "tg-main" }, el("header", { class: "tg-head" }, face, el("div", { class: "tg-who" }, title, status), more), pinned,
      el("div", { class: "tg-wall" }, log.root, empty), composer.root, start));
  let seat = null;
  let chat = NOBODY;

  function choices() {
    const stop = chat.blocked
      ? { label: "Unblock the bot", act: () => api.unblock(seat.key) }
      : { label: "Block the bot", hint: "As a client who has had enough", act: () => api.block(seat.key) };
    return [{ label: "Press Start", act: () => api.openHome(seat.key) }, stop];
  }

  function draw(each, place) {
    if (each.html.startsWith('<i class="service">')) return service(each);
    const reply = iconButton("reply", `Reply to ${each.author}`, () => composer.reply(each), { class: "round reply", tabindex: "-1" });
    return el("article", {
      class: `tg-message ${each.mine ? "mine" : ""} ${place.last ? "last" : ""} ${each.media.length ? "with-media" : ""}`,
      "data-message": each.id, "aria-label": `${each.mine ? "You" : each.author}, ${time(new Date(each.at))}`,
    }, el("div", { class: "bubble" },
      chat.kind === "group" && !each.mine && place.first ? el("p", { class: "tg-author", text: each.author }) : null,
      message.media(each), message.words(each),
      el("span", { class: "meta" }, each.edited ? el("span", { text: "edited" }) : null, el("time", { datetime: each.at, text: time(new Date(each.at)) }), each.mine ? icon("ticks") : null)),
    reply, each.rows.length ? el("div", { class: "tg-keys" }, message.buttons(each, seat, chat, "tg-key")) : null);
  }

  // One stop of the Tab key for all messages: the newest, and the arrows lead to those above it.
  function rove() {
    const all = [...log.list.querySelectorAll(".reply")];
    const here = all.includes(document.activeElement) ? document.activeElement : all.at(-1);
    for (const each of all) each.tabIndex = each === here ? 0 : -1;
  }

  log.list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.target.matches(".reply")) return;
    event.preventDefault();
    const all = [...log.list.querySelectorAll(".reply")];
    all[all.indexOf(event.target) + step]?.focus();
    rove();
  });

  // "Omar Haddad added Client Hub": what the group itself has to say.
  function service(each) {
    const words = /^\p{Ll}/u.test(each.text) ? `${each.author} ${each.text}` : each.text;
    return el("p", { class: "day", "data-message": each.id }, el("span", { text: words }));
  }

  function update(view, { chosen, unread, invitation }) {
    seat = view;
    chat = view.conversations.find((each) => each.id === chosen) ?? view.conversations[0] ?? NOBODY;
    list(unread);
    face.replaceChildren(avatar(chat.title));
    title.textContent = chat.title;
    status.textContent = chat.typing ? "typing" : chat.kind === "group" ? "group" : "bot";
    status.classList.toggle("typing", chat.typing);
    log.list.setAttribute("aria-label", `Messages in ${chat.title}, ${view.name} in Telegram`);
    log.show(chat, view.key);
    rove();
    showPinned();
    foot(invitation);
    return chat.id;
  }

  function showPinned() {
    const there = chat.pinned && chat.messages.find((each) => each.id === chat.pinned);
    pinned.hidden = !there;
    if (there) pinned.replaceChildren(el("b", { text: "Pinned message" }), el("span", { text: there.text }));
  }

  function list(unread) {
    root.classList.toggle("alone", seat.conversations.length < 2);
    chats.replaceChildren(...seat.conversations.map((each) => el("button", {
      type: "button", class: "tg-chat", "aria-current": each.id === chat.id ? "true" : null, title: each.title,
      on: { click: () => choose(each.id) },
    }, avatar(each.title), el("span", { text: each.title }), each === chat ? null : badge(unread(each)))));
  }

  function foot(invitation) {
    const fresh = chat.kind === "private" && !chat.messages.length;
    composer.root.hidden = fresh || chat.blocked;
    start.hidden = !composer.root.hidden;
    start.textContent = chat.blocked ? "Unblock" : invitation ? "Open the invitation" : "Start";
    start.onclick = () => chat.blocked ? api.unblock(seat.key) : invitation ? api.openLink(seat.key, invitation.url) : api.openHome(seat.key);
    commands.hidden = !seat.commands.length || chat.kind !== "private";
    composer.setTarget({ seat: seat.key, conversation: chat.id, commands: seat.commands, placeholder: "Message", label: `Message to ${chat.title} as ${seat.name}` });
    empty.hidden = chat.messages.length > 0;
    if (empty.hidden) return;
    empty.replaceChildren(avatar(chat.title, "large"), el("p", { class: "empty-title", text: chat.kind === "group" ? "Nobody has written here yet" : "Nothing said yet" }),
      el("p", { text: hint(invitation) }));
  }

  function hint(invitation) {
    if (chat.kind === "group") return "Say something, and see who answers.";
    if (invitation) return `${seat.name} was sent a link: ${invitation.label}. Open it below, and the bot says what it can do.`;
    return "Press Start below, as anybody does who meets a bot for the first time, and it says what it can do.";
  }

  return { root, update, composer };
}

export const badge = (count) => (count ? el("span", { class: "badge" }, el("span", { text: String(count) }), el("span", { class: "hidden", text: " new" })) : null);
