// What the person at the page does, carried to the playground by POST. A refusal is shown as one sentence.

import { complain } from "./notices.js";

async function post(path, body) {
  const json = !(body instanceof FormData);
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: json ? { "Content-Type": "application/json" } : {},
      body: json ? JSON.stringify(body) : body,
    });
    if (answer.ok) return await answer.json();
    complain(await answer.text());
  } catch {
    complain("The playground did not answer. Is it still running?");
  }
  return null;
}

const seat = (key, act, body = {}) => post(`/seats/${encodeURIComponent(key)}/${act}`, body);

export const say = (key, text, conversation, replyTo = "") => seat(key, "say", { text, conversation, reply_to: replyTo });
export const tap = (key, message, button, value, conversation) => seat(key, "tap", { message, button, value, conversation });
export const openHome = (key) => seat(key, "open_home");
export const openLink = (key, url) => seat(key, "open_link", { url });
export const submitModal = (key, values, button = "") => seat(key, "submit_modal", { values, button });
export const closeModal = (key) => seat(key, "close_modal");
export const block = (key) => seat(key, "block");
export const unblock = (key) => seat(key, "unblock");
export const turnClock = (by) => post("/clock", { by });
export const runExtra = (key, choice) => post(`/extras/${encodeURIComponent(key)}`, { choice });

export function share(key, file, conversation, words) {
  const form = new FormData();
  form.append("conversation", conversation);
  form.append("words", words);
  form.append("file", file, file.name);
  return seat(key, "share", form);
}
