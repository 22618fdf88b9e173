// A person's Slack: the sidebar with Home, Messages and channels, posts with buttons, App Home, "Only visible to you".

import * as api from "./api.js";
import { avatar, el, icon, iconButton, time } from "./dom.js";
import { makeComposer } from "./composer.js";
import { makeLog } from "./log.js";
import { openMenu } from "./menu.js";
import * as message from "./message.js";
import { badge } from "./telegram.js";

const HOME = { id: "", title: "Home", kind: "home", messages: [], typing: false, blocked: false };
const CHAT = { id: "", title: "Messages", kind: "private", messages: [], typing: false, blocked: false };

export function makeSlack(choose) {
  const owner = el("p", { class: "sl-owner" });
  const places = el("div", { class: "sl-places" });
  const side = el("nav", { class: "sl-side", "aria-label": "Slack places" }, owner, places);
  const title = el("h3");
  const status = el("p", { class: "sl-typing", "aria-live": "off" });
  const more = iconButton("more", "More", ({ currentTarget }) => openMenu(currentTarget, "This person", [gone(seat)
    ? { label: "Reactivate the account", act: () => api.unblock(seat.key) }
    : { label: "Deactivate the account", hint: "As an admin does when somebody leaves", act: () => api.block(seat.key) }]),
  { "aria-haspopup": "menu", "aria-expanded": "false" });
  const log = makeLog("Messages", draw);
  const empty = el("div", { class: "empty" });
  const composer = makeComposer({ attach: "plus" });
  const shut = el("p", { class: "sl-gone" }, el("span", { text: "This account is deactivated." }),
    el("button", { type: "button", class: "sl-button", text: "Reactivate", on: { click: () => api.unblock(seat.key) } }));
  const root = el("div", { class: "sl" }, side, el("div", { class: "sl-main" },
    el("header", { class: "sl-head" }, title, more), el("div", { class: "sl-body" }, log.root, empty), composer.root, status, shut));
  let seat = null;
  let chat = CHAT;

  function draw(each, place) {
    if (chat.kind === "home") {
      return el("article", { class: "sl-home", "data-message": each.id, "aria-label": "App Home" }, message.media(each), message.words(each), actions(each));
    }
    const at = new Date(each.at);
    const app = !each.mine && seat.conversations.some(({ kind, title: name }) => kind === "private" && name === each.author);
    const head = place.first || each.ephemeral;
    return el("article", {
      class: `sl-post ${head ? "first" : ""} ${each.ephemeral ? "ephemeral" : ""}`, "data-message": each.id,
      "aria-label": `${each.author}, ${time(at)}`,
    }, head ? avatar(each.author, "square") : el("time", { class: "sl-aside", datetime: each.at, text: time(at) }),
    el("div", { class: "sl-content" },
      each.ephemeral ? el("p", { class: "sl-only" }, icon("eye"), "Only visible to you") : null,
      head ? el("p", { class: "sl-by" }, el("b", { text: each.author }), app ? el("span", { class: "sl-app", text: "App" }) : null, el("time", { datetime: each.at, text: time(at) })) : null,
      message.words(each), each.edited ? el("small", { class: "sl-edited", text: "(edited)" }) : null, message.media(each), actions(each)));
  }

  const actions = (each) => (each.rows.length ? el("div", { class: "sl-actions" }, message.buttons(each, seat, chat, "sl-button")) : null);

  function update(view, { chosen, unread }) {
    seat = view;
    const all = everywhere(view);
    chat = all.find((each) => place(each) === chosen) ?? starting(all);
    sidebar(all, unread);
    title.replaceChildren(chat.kind === "group" ? el("span", { class: "sl-hash", "aria-hidden": "true", text: "# " }) : avatar(appName(view), "square small"),
      chat.kind === "group" ? chat.title.replace(/^#/, "") : appName(view));
    log.list.setAttribute("aria-label", chat.kind === "home" ? `App Home of ${view.name} in Slack` : `Messages in ${chat.title}, ${view.name} in Slack`);
    log.show({ ...chat, id: place(chat) }, view.key);
    status.textContent = chat.typing ? `${appName(view)} is typing…` : "";
    status.hidden = chat.kind === "home";
    shut.hidden = !chat.blocked && !gone(view);
    shut.firstChild.textContent = gone(view) ? "This account is deactivated." : "This channel is archived.";
    shut.lastChild.hidden = !gone(view);
    composer.root.hidden = chat.kind === "home" || !shut.hidden;
    composer.setTarget({ seat: view.key, conversation: chat.id, commands: view.commands, placeholder: `Message ${chat.kind === "group" ? `#${chat.title.replace(/^#/, "")}` : appName(view)}`, label: `Message to ${chat.title} as ${view.name}` });
    emptyState();
    return place(chat);
  }

  const appName = (view) => view.conversations.find(({ kind }) => kind === "private")?.title ?? "App";

  function sidebar(all, unread) {
    owner.replaceChildren(avatar(seat.name, "square small"), el("b", { text: seat.name }), el("span", { class: `sl-presence ${gone(seat) ? "away" : ""}`, "aria-hidden": "true" }));
    const group = (name, members) => (members.length ? [el("p", { class: "sl-group", text: name }), ...members.map((each) => el("button", {
      type: "button", class: "sl-place", "aria-current": each === chat ? "true" : null,
      on: { click: () => go(each) },
    }, each.kind === "group" ? el("span", { class: "sl-hash", "aria-hidden": "true", text: "#" }) : icon(each.kind === "home" ? "home" : "chat"),
    el("span", { class: "sl-name", text: label(each) }), each === chat ? null : badge(unread(each))))] : []);
    places.replaceChildren(...group(appName(seat), all.filter(({ kind }) => kind !== "group")), ...group("Channels", all.filter(({ kind }) => kind === "group")));
  }

  const label = (each) => (each.kind === "home" ? "Home" : each.kind === "private" ? "Messages" : each.title.replace(/^#/, ""));

  function go(each) {
    choose(place(each));
    if (each.kind === "home") api.openHome(seat.key);
  }

  function emptyState() {
    empty.hidden = chat.messages.length > 0;
    if (empty.hidden) return;
    const home = chat.kind === "home";
    empty.replaceChildren(icon(home ? "home" : "chat"),
      el("p", { class: "empty-title", text: home ? "Home is where the app shows what waits for you" : "No messages yet" }),
      el("p", { text: home ? "Open it, as you would in Slack." : "Say hello below, or open Home in the list of places." }),
      seat.conversations.some(({ kind, messages }) => kind === "home" && messages.length) ? "" : el("button", { type: "button", class: "sl-button primary", text: "Open Home", on: { click: () => go(HOME) } }));
  }

  return { root, update, composer };
}

// Slack shows Home and Messages of an app even before a word was said.
function everywhere(view) {
  const of = (kind) => view.conversations.filter((each) => each.kind === kind);
  const first = (kind, otherwise) => (of(kind).length ? of(kind) : [otherwise]);
  return [...first("home", HOME), ...first("private", CHAT), ...of("group")];
}

function starting(all) {
  const talked = all.filter(({ kind, messages }) => kind !== "group" && messages.length);
  return talked.find(({ kind }) => kind === "private") ?? talked[0] ?? all.find(({ kind }) => kind === "private");
}

const gone = (view) => view.conversations.some(({ kind, blocked }) => kind === "private" && blocked);
const place = (each) => each.id || each.kind;
