/** Forms that the bot puts in front of a member. */
import { choices } from "./choices";
import { type Child, fill, h } from "./dom";
import type { Modal } from "./interactions";
import { markdown } from "./markdown";
import type { Page } from "./page";
import { type Component, ComponentType } from "./types";

const PARAGRAPH = 2;
const MENUS: ReadonlySet<number> = new Set([
  ComponentType.stringSelect, ComponentType.userSelect, ComponentType.roleSelect,
  ComponentType.mentionableSelect, ComponentType.channelSelect,
]);

/** What a filled-in input sends: its own part of the submission. */
type Read = (files: File[]) => object;

let count = 0;

export class ModalDialog {
  readonly element: HTMLDialogElement;
  private readonly form = h("form", { method: "dialog" });
  private readonly complaint = h("div", { class: "complaint", role: "alert" });
  private reads = new Map<string, Read>();

  constructor(private readonly page: Page) {
    this.element = h("dialog", { class: "modal", "aria-labelledby": "modal-title" }, this.form);
  }

  open(modal: Modal, channelId: string): void {
    this.reads = new Map();
    this.complaint.textContent = "";
    const body = h("div", { class: "modal-body" }, ...modal.components.map((each) => this.draw(each)));
    const submit = h("button", { type: "submit", class: "primary" }, "Submit");
    const cancel = h("button", { type: "button", class: "plain", onclick: () => this.element.close() }, "Cancel");
    fill(this.form, h("h2", { id: "modal-title" }, modal.title), body, this.complaint, h("div", { class: "modal-actions" }, cancel, submit));
    this.form.onsubmit = (event) => {
      event.preventDefault();
      void this.submit(modal, channelId, submit);
    };
    this.element.showModal();
    body.querySelector<HTMLElement>("input, textarea, select")?.focus();
  }

  private async submit(modal: Modal, channelId: string, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    const files: File[] = [];
    const components = modal.components.map((each) => this.filled(each, files));
    try {
      await this.page.interactions.submit(modal, channelId, components, files);
      this.element.close();
    } catch (error) {
      this.complaint.textContent = error instanceof Error ? error.message : "Something went wrong. Try again.";
    } finally {
      button.disabled = false;
    }
  }

  private filled(component: Component, files: File[]): object {
    const done: Record<string, unknown> = { type: component.type, id: component.id };
    if (component.components) done["components"] = component.components.map((each) => this.filled(each, files));
    if (component.component) done["component"] = this.filled(component.component, files);
    if (component.custom_id === undefined) return done;
    return { ...done, custom_id: component.custom_id, ...this.reads.get(component.custom_id)?.(files) };
  }

  private draw(component: Component, label = component.label ?? "", about = ""): Child {
    if (component.type === ComponentType.row) return h("div", {}, ...(component.components ?? []).map((each) => this.draw(each)));
    if (component.type === ComponentType.textDisplay) return h("p", { class: "prose" }, markdown(component.content ?? "", this.page.store));
    if (component.type === ComponentType.label && component.component) {
      return this.draw(component.component, component.label, component.description ?? "");
    }
    const id = `input-${++count}`;
    const required = component.required ?? true;
    const described = about ? { "aria-describedby": `${id}-about` } : {};
    const control = this.control(component, id, required, described);
    const name = [label, required && component.type !== ComponentType.box ? h("span", { class: "required" }, " (required)") : null];
    const grouped = component.type === ComponentType.radios || component.type === ComponentType.boxes;
    const heading = grouped ? h("legend", {}, ...name) : h("label", { for: id }, ...name);
    const parts = [heading, about ? h("div", { id: `${id}-about`, class: "dim" }, about) : null, control];
    return grouped ? h("fieldset", {}, ...parts) : h("div", { class: "modal-field" }, ...parts);
  }

  private control(component: Component, id: string, required: boolean, described: Record<string, string>): HTMLElement {
    const customId = component.custom_id ?? "";
    if (MENUS.has(component.type)) return this.menu(component, id, required, described);
    switch (component.type) {
      case ComponentType.radios:
      case ComponentType.boxes:
        return this.group(component, id, required);
      case ComponentType.box: {
        const box = h("input", { id, type: "checkbox", checked: component.default ?? false, ...described });
        this.reads.set(customId, () => ({ value: box.checked }));
        return box;
      }
      case ComponentType.upload: {
        const input = h("input", { id, type: "file", multiple: (component.max_values ?? 1) > 1, required, ...described });
        this.reads.set(customId, (files) => ({ values: [...(input.files ?? [])].map((file) => String(files.push(file) - 1)) }));
        return input;
      }
      default:
        return this.text(component, id, required, described);
    }
  }

  private text(component: Component, id: string, required: boolean, described: Record<string, string>): HTMLElement {
    const props = {
      id, required, minlength: component.min_length, maxlength: component.max_length,
      placeholder: component.placeholder, ...described,
    };
    const input = component.style === PARAGRAPH ? h("textarea", { rows: 4, ...props }) : h("input", { type: "text", ...props });
    input.value = component.value ?? "";
    this.reads.set(component.custom_id ?? "", () => ({ value: input.value }));
    return input;
  }

  private menu(component: Component, id: string, required: boolean, described: Record<string, string>): HTMLElement {
    const several = (component.max_values ?? 1) > 1;
    const items = choices(component, this.page.store);
    const options = items.map((item) => h("option", { value: item.value, selected: item.selected ?? false }, item.label));
    if (!several) options.unshift(h("option", { value: "" }, component.placeholder ?? "Choose…"));
    const select = h("select", { id, multiple: several, required, ...described }, ...options);
    this.reads.set(component.custom_id ?? "", () => ({
      values: [...select.selectedOptions].map((each) => each.value).filter((value) => value !== ""),
    }));
    return select;
  }

  private group(component: Component, id: string, required: boolean): HTMLElement {
    const single = component.type === ComponentType.radios;
    const inputs = (component.options ?? []).map((option, index) => {
      const type = single ? "radio" : "checkbox";
      const input = h("input", { type, name: id, id: `${id}-${index}`, value: option.value, checked: option.default ?? false, required: single && required });
      return { input, line: h("div", {}, input, h("label", { for: `${id}-${index}` }, option.label)) };
    });
    this.reads.set(component.custom_id ?? "", () => {
      const chosen = inputs.filter(({ input }) => input.checked).map(({ input }) => input.value);
      return single ? { value: chosen[0] ?? null } : { values: chosen };
    });
    return h("div", { id }, ...inputs.map(({ line }) => line));
  }
}
