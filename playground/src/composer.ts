/** Where one writes: text, files, replies, edits, and commands. */
import { type Callable, callables, fetchCommands, recognise, suggested } from "./commands";
import { CommandForm } from "./command-form";
import { ICONS, add, fill, h, icon } from "./dom";
import { Listbox } from "./listbox";
import { completions, written } from "./naming";
import type { Page } from "./page";
import { type Message } from "./types";

/** How often others are told that one is typing; Discord's client does it every eight seconds or so. */
const TYPING_MS = 8000;
const LONGEST = 2000;

export class Composer {
  readonly element: HTMLElement;
  private readonly box: HTMLTextAreaElement;
  private readonly bar = h("div", { class: "bar", hidden: true });
  private readonly strip = h("div", { class: "strip", hidden: true });
  private readonly line: HTMLElement;
  private readonly list: Listbox<Callable | string>;
  private readonly picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: -1 });
  private target: Message | null = null;
  private edited: Message | null = null;
  private files: File[] = [];
  private form: CommandForm | null = null;
  private known: Callable[] = [];
  private told = 0;

  constructor(private readonly page: Page) {
    this.box = h("textarea", { rows: 1, maxlength: LONGEST, "aria-label": "Message", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list" });
    this.list = new Listbox<Callable | string>(this.box, { label: "Suggestions", onChoose: (value) => this.choose(value) });
    const attach = h("button", { type: "button", class: "round", "aria-label": "Attach files", onclick: () => this.picker.click() }, icon(ICONS.plus));
    const send = h("button", { type: "button", class: "round", "aria-label": "Send message", onclick: () => void this.send() }, icon(ICONS.send));
    this.line = h("div", { class: "line" }, attach, this.box, send, this.picker);
    this.element = h("div", { class: "composer" }, this.list.element, this.bar, this.strip, this.line);
    this.box.addEventListener("input", () => void this.typed());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("blur", () => this.list.hide());
    this.box.addEventListener("paste", (event) => this.attach(event.clipboardData?.files));
    this.picker.addEventListener("change", () => {
      this.attach(this.picker.files);
      this.picker.value = "";
    });
  }

  /** Gets ready for the channel that is open now. */
  open(name: string): void {
    this.cancel();
    this.files = [];
    this.drawFiles();
    this.box.value = "";
    this.grow();
    this.box.placeholder = `Message ${name}`;
    this.known = [];
  }

  focus(): void {
    (this.form?.element.querySelector<HTMLElement>("input, select") ?? this.box).focus();
  }

  reply(message: Message): void {
    this.edited = null;
    this.target = message;
    this.drawBar(`Replying to ${this.page.store.nameOf(message.author)}`);
    this.box.focus();
  }

  edit(message: Message): void {
    this.target = null;
    this.edited = message;
    this.box.value = message.content;
    this.grow();
    this.drawBar("Editing a message · Escape to cancel");
    this.box.focus();
  }

  /** Puts text in as if it were typed, commands included. */
  async write(text: string): Promise<void> {
    this.cancel();
    this.box.value = text;
    this.box.focus();
    await this.typed();
  }

  attach(files: Iterable<File> | ArrayLike<File> | null | undefined): void {
    this.files.push(...Array.from(files ?? []));
    this.drawFiles();
  }

  private cancel(): void {
    if (this.edited) this.box.value = "";
    this.target = this.edited = null;
    this.bar.hidden = true;
    this.form?.element.replaceWith(this.line);
    this.form = null;
    this.list.hide();
  }

  private drawBar(text: string): void {
    const stop = (): void => {
      this.cancel();
      this.box.focus();
    };
    fill(this.bar, h("span", {}, text), h("button", { type: "button", "aria-label": "Cancel", onclick: stop }, icon(ICONS.close)));
    this.bar.hidden = false;
  }

  private drawFiles(): void {
    fill(this.strip);
    this.files.forEach((file, index) => {
      const drop = (): void => {
        this.files.splice(index, 1);
        this.drawFiles();
        this.box.focus();
      };
      add(this.strip, h("span", { class: "file" }, file.name, h("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: drop }, icon(ICONS.close))));
    });
    this.strip.hidden = this.files.length === 0;
  }

  private grow(): void {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }

  private async typed(): Promise<void> {
    this.grow();
    const text = this.box.value;
    if (text.startsWith("/") && !this.edited) await this.suggestCommands();
    else this.suggestNames();
    if (text && !text.startsWith("/")) this.tellTyping();
  }

  private async suggestCommands(): Promise<void> {
    const channelId = this.page.store.here ?? "";
    if (this.known.length === 0 || this.box.value === "/") {
      const fetched = await this.page.attempt(async () => {
        this.known = callables(await fetchCommands(this.page.api, channelId));
      });
      if (!fetched) return;
    }
    const text = this.box.value;
    const found = recognise(text, this.known);
    if (found) this.fillIn(found.callable, found.rest);
    else if (text.startsWith("/")) {
      const items = suggested(text, this.known).map((each) => ({ value: each, label: each.shown, detail: each.description }));
      this.list.show(items, "No command of that name");
    }
  }

  private suggestNames(): void {
    const before = this.box.value.slice(0, this.box.selectionStart);
    this.list.show(completions(before, this.page.store).map((name) => ({ value: name, label: name })));
  }

  private choose(value: Callable | string): void {
    if (typeof value !== "string") {
      this.fillIn(value, "");
      return;
    }
    const at = this.box.selectionStart;
    const before = this.box.value.slice(0, at).replace(/[@#][^@#\n]*$/u, `${value} `);
    this.box.value = before + this.box.value.slice(at);
    this.box.setSelectionRange(before.length, before.length);
  }

  private fillIn(callable: Callable, rest: string): void {
    this.list.hide();
    this.box.value = "";
    const form = new CommandForm(this.page, callable, this.page.store.here ?? "", () => {
      this.cancel();
      this.box.focus();
    });
    this.line.replaceWith(form.element);
    this.form = form;
    form.start(rest);
  }

  private tellTyping(): void {
    const { here } = this.page.store;
    if (Date.now() - this.told < TYPING_MS || !here) return;
    this.told = Date.now();
    // Nothing is lost where this fails; what is sent will say why.
    this.page.api.post(`/channels/${here}/typing`).catch(() => undefined);
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || this.list.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void this.send();
    } else if (event.key === "Escape" && !this.bar.hidden) {
      event.stopPropagation();
      this.cancel();
      this.grow();
    } else if (event.key === "ArrowUp" && this.box.value === "") {
      const mine = this.page.store.timeline(this.page.store.here ?? "").messages.filter((each) => each.author.id === this.page.store.me.id);
      const last = mine.at(-1);
      if (last) {
        event.preventDefault();
        this.edit(last);
      }
    }
  }

  private async send(): Promise<void> {
    const { store, api } = this.page;
    const text = this.box.value.trim();
    const { files, target, edited } = this;
    if (!text && files.length === 0) return;
    const content = written(text, store);
    const channelId = store.here ?? "";
    this.box.value = "";
    this.files = [];
    this.told = 0;
    this.cancel();
    this.drawFiles();
    this.grow();
    const sent = await this.page.attempt(async () => {
      if (edited) return api.patch(`/channels/${edited.channel_id}/messages/${edited.id}`, { content });
      const reference = target ? { message_reference: { message_id: target.id } } : {};
      return api.postFiles(`/channels/${channelId}/messages`, { content, nonce: String(Date.now()), ...reference }, files);
    });
    // What was refused is not lost.
    if (!sent && !this.box.value) this.box.value = text;
  }
}
