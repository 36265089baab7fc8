/** The fields of a command that is being filled in, in place of the text box. */
import { type Callable, callOf } from "./commands";
import { add, fill, h } from "./dom";
import { Field } from "./field";
import type { SentOption } from "./interactions";
import type { Page } from "./page";

export class CommandForm {
  readonly element: HTMLFormElement;
  private readonly fields: Field[];
  private readonly shownFields = h("div", { class: "fields" });
  private readonly optional = h("div", { class: "optional" });
  private readonly complaint = h("div", { class: "complaint", role: "alert" });

  constructor(
    private readonly page: Page,
    private readonly callable: Callable,
    private readonly channelId: string,
    private readonly done: () => void,
  ) {
    this.fields = callable.options.map((option) => new Field(option, page, (typed) => this.complete(option.name, typed)));
    const cancel = h("button", { type: "button", class: "link", onclick: () => done() }, "Cancel");
    const send = h("button", { type: "submit", class: "primary" }, "Send");
    const name = h("span", { class: "command-name" }, callable.shown);
    this.element = h("form", { class: "command-form", "aria-label": `Command ${callable.shown}` },
      h("div", { class: "command-line" }, name, this.shownFields, send, cancel),
      h("div", { class: "command-about" }, callable.description, this.optional),
      this.complaint,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") done();
    });
    for (const field of this.fields) if (field.option.required) this.reveal(field);
    this.offer();
  }

  /** Puts text into the first field that takes text, or into none. */
  start(rest: string): void {
    const first = this.fields.find((field) => field.takesText);
    if (rest && first) {
      this.reveal(first);
      this.offer();
      first.type(rest);
    }
    const shown = this.fields.find((field) => field.element.isConnected);
    const target = shown?.control ?? this.element.querySelector<HTMLElement>("button[type=submit]");
    target?.focus();
  }

  private reveal(field: Field): void {
    if (!this.shownFields.contains(field.element)) this.shownFields.append(field.element);
  }

  private offer(): void {
    const left = this.fields.filter((field) => !this.shownFields.contains(field.element));
    const show = (field: Field): void => {
      this.reveal(field);
      this.offer();
      field.control.focus();
    };
    fill(this.optional);
    for (const field of left) {
      const label = `+ ${field.label}`;
      const about = field.option.description_localized ?? field.option.description;
      add(this.optional, h("button", { type: "button", class: "chip", title: about, onclick: () => show(field) }, label));
    }
  }

  private options(files: File[], focused?: { name: string; typed: string }): SentOption[] {
    const sent: SentOption[] = [];
    for (const field of this.fields) {
      if (field.option.name === focused?.name) {
        sent.push({ name: focused.name, value: focused.typed, focused: true });
        continue;
      }
      const value = this.shownFields.contains(field.element) ? field.value(files) : undefined;
      if (value !== undefined) sent.push({ name: field.option.name, value });
    }
    return sent;
  }

  private complete(name: string, typed: string): Promise<{ name: string; value: string | number }[]> {
    // A file in another field is not needed to suggest something for this one.
    const call = callOf(this.callable, this.options([], { name, typed }));
    return this.page.interactions.complete(this.channelId, call);
  }

  private async send(): Promise<void> {
    const missing = this.fields.find((field) => field.option.required && field.value([]) === undefined);
    if (missing) {
      this.complaint.textContent = `Fill in "${missing.label}" first.`;
      missing.control.focus();
      return;
    }
    const files: File[] = [];
    const call = callOf(this.callable, this.options(files));
    const sent = this.page.attempt(() => this.page.interactions.command(this.channelId, call, this.callable.shown, files));
    this.done();
    await sent;
  }
}
