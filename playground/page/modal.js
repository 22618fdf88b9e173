// Slack's modal over one person's pane: focus goes in, stays in, and comes back; Escape closes; typed words survive errors.

import * as api from "./api.js";
import { el, iconButton } from "./dom.js";

let made = 0;

export function makeModal(host, covered) {
  let shown = null;

  function update(seat) {
    const view = seat.modal;
    if (!view) return close();
    const shape = JSON.stringify([seat.key, view.id, view.title, view.submit, view.fields.map(({ error, ...rest }) => rest)]);
    if (shown?.shape !== shape) build(seat, view, shape);
    showErrors(view);
  }

  function build(seat, view, shape) {
    const kept = shown?.id === view.id && shown.seat === seat.key ? values() : {};
    const back = shown?.back ?? document.activeElement;
    const mine = covered.contains(back) || back === document.body || shown;
    shown?.root.remove();
    const titleId = `modal-${(made += 1)}`;
    const fields = new Map(view.fields.map((field, at) => [field.id, makeField(field, `${titleId}-${at}`, kept[field.id])]));
    const form = el("form", { class: "modal", role: "dialog", "aria-modal": "true", "aria-labelledby": titleId, novalidate: true, tabindex: "-1", on: { submit } },
      el("header", {}, el("h3", { id: titleId, text: view.title }), iconButton("close", "Close", cancel)),
      el("div", { class: "modal-fields" }, [...fields.values()].map(({ root }) => root)),
      el("footer", {}, el("button", { type: "button", class: "sl-button", text: view.submit ? "Cancel" : "Close", on: { click: cancel } }),
        view.submit ? el("button", { type: "submit", class: "sl-button primary", text: view.submit }) : null));
    const root = el("div", { class: "modal-veil", on: { keydown: guard } }, form);
    host.append(root);
    covered.inert = true;
    shown = { shape, id: view.id, seat: seat.key, root, form, fields, back, view };
    if (mine) (form.querySelector(".modal-fields input, .modal-fields textarea, .modal-fields select") ?? form).focus();
  }

  function makeField(field, id, kept) {
    if (field.kind === "note") return { root: el("p", { class: "modal-note", text: field.label || field.value }) };
    if (field.kind === "press") {
      const press = () => api.submitModal(shown.seat, values(), field.id);
      return { root: el("p", {}, el("button", { type: "button", class: "sl-button", text: field.label, on: { click: press } })) };
    }
    const value = kept ?? field.value;
    const said = { id, name: field.id, "aria-required": String(field.required), "aria-describedby": `${id}-hint ${id}-error` };
    const input = field.kind === "multiline" ? el("textarea", { ...said, rows: "4", dir: "auto" })
      : field.kind === "select" ? el("select", said, el("option", { value: "", text: "Choose…" }), field.options.map(([each, label]) => el("option", { value: each, text: label })))
      : el("input", { ...said, type: field.kind === "date" ? "date" : "text", dir: "auto", autocomplete: "off" });
    input.value = value;
    const error = el("p", { class: "modal-error", id: `${id}-error`, role: "alert" });
    const root = el("div", { class: "modal-field" },
      el("label", { for: id }, field.label, field.required ? null : el("small", { text: " (optional)" })),
      input, field.hint ? el("p", { class: "modal-hint", id: `${id}-hint`, text: field.hint }) : null, error);
    return { root, input, error };
  }

  function showErrors(view) {
    let first = null;
    for (const field of view.fields) {
      const { input, error } = shown.fields.get(field.id);
      if (!input) continue;
      if (error.textContent === field.error) continue;
      error.textContent = field.error;
      input.setAttribute("aria-invalid", String(Boolean(field.error)));
      if (field.error) first ??= input;
    }
    if (first && shown.root.contains(document.activeElement)) first.focus();
  }

  const values = () => Object.fromEntries([...shown.fields].filter(([, { input }]) => input).map(([id, { input }]) => [id, input.value]));

  async function submit(event) {
    event.preventDefault();
    const { view, fields, seat } = shown;
    const missing = view.fields.find((field) => field.required && fields.get(field.id).input && !fields.get(field.id).input.value.trim());
    showErrors({ fields: view.fields.map((field) => ({ ...field, error: field === missing ? "Please complete this required field." : "" })) });
    if (missing) return fields.get(missing.id).input.focus();
    const press = event.target.querySelector("[type=submit]");
    press.setAttribute("aria-busy", "true");
    await api.submitModal(seat, values());
    press.removeAttribute("aria-busy");
  }

  const cancel = () => api.closeModal(shown.seat);

  function guard(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      cancel();
    }
    if (event.key !== "Tab") return;
    const all = [...shown.form.querySelectorAll("button, input, textarea, select")].filter((each) => !each.disabled);
    const [first, last] = [all[0], all.at(-1)];
    const leaving = event.shiftKey ? [first, shown.form].includes(document.activeElement) : document.activeElement === last;
    if (!leaving) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }

  function close() {
    if (!shown) return;
    const { root, back } = shown;
    const held = root.contains(document.activeElement);
    root.remove();
    covered.inert = false;
    shown = null;
    if (!held) return;
    if (back?.isConnected && back !== document.body) back.focus({ preventScroll: true });
    else covered.querySelector("[role=log]")?.focus({ preventScroll: true });
  }

  return { update, close };
}
