/** The menu of a message: what one can do with it, and the bot's own entries below. */
import { add, fill, h } from "./dom";
import { isEphemeral } from "./message";
import type { Page } from "./page";
import { Permission } from "./permissions";
import { isThread } from "./store";
import { type Channel, ChannelType, type Command, CommandType, type Message } from "./types";

interface Entry {
  label: string;
  act: () => unknown;
  danger?: boolean;
}

const REACTIONS = ["👍", "❤️", "✅"];
const NAME_LENGTH = 90;
const MARGIN = 8;

export class Menu {
  readonly element = h("div", { class: "menu", role: "menu", "aria-label": "What to do with this message", hidden: true });
  private from: HTMLElement | null = null;
  private opened = 0;

  constructor(
    private readonly page: Page,
    private readonly commandsOf: (channelId: string) => Promise<Command[]>,
  ) {
    this.element.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => {
      if (!this.element.contains(event.target as Node)) this.close(false);
    });
  }

  async open(message: Message, at: { x: number; y: number }, from: HTMLElement): Promise<void> {
    this.from = from;
    const opened = ++this.opened;
    fill(this.element, ...this.entriesOf(message).map((each) => this.drawEntry(each)));
    this.element.hidden = false;
    this.place(at);
    this.items()[0]?.focus();
    const commands = isEphemeral(message) ? [] : await this.commandsOf(message.channel_id).catch((error: unknown) => {
      this.page.say(`What the bot offers for this message is not known: ${String(error)}`, "error");
      return [];
    });
    const apps = commands.filter((each) => each.type === CommandType.message);
    if (this.element.hidden || opened !== this.opened || apps.length === 0) return;
    // Added below: what is being pressed at this moment stays as it is.
    add(this.element, h("div", { class: "menu-heading", role: "presentation" }, "Apps"));
    add(this.element, ...apps.map((each) => this.drawEntry(this.entryOf(each, message))));
    this.place(at);
  }

  private entryOf(command: Command, message: Message): Entry {
    const label = command.name_localized ?? command.name;
    const { name, type, application_id } = command;
    const call = { name, type, application_id, target_id: message.id };
    return { label, act: () => this.page.interactions.command(message.channel_id, call, label) };
  }

  private entriesOf(message: Message): Entry[] {
    const { acts, store, api } = this.page;
    const why: Entry = { label: "Why this? (w)", act: () => acts.showWhy(message) };
    const copy: Entry = { label: "Copy text", act: () => navigator.clipboard.writeText(message.content) };
    if (isEphemeral(message)) return [why, copy, { label: "Dismiss message", act: () => store.dismiss(message) }];
    const path = `/channels/${message.channel_id}/messages/${message.id}`;
    const channel = store.channels.get(message.channel_id);
    const mine = message.author.id === store.me.id;
    const entries: Entry[] = [why, { label: "Reply (r)", act: () => acts.reply(message) }];
    for (const emoji of REACTIONS) {
      entries.push({ label: `React ${emoji}`, act: () => api.put(`${path}/reactions/${encodeURIComponent(emoji)}/@me`) });
    }
    if (channel?.type === ChannelType.text && !message.thread && store.may(channel, Permission.createThreads)) {
      entries.push({ label: "Create thread", act: () => this.startThread(message) });
    }
    entries.push(copy);
    if (mine) entries.push({ label: "Edit message", act: () => acts.edit(message) });
    if (mine || (channel && !isThread(channel) && store.may(channel, Permission.manageMessages))) {
      entries.push({ label: "Delete message", act: () => api.delete(path), danger: true });
    }
    return entries;
  }

  private async startThread(message: Message): Promise<void> {
    const name = message.content.replace(/\s+/g, " ").slice(0, NAME_LENGTH) || "Thread";
    const path = `/channels/${message.channel_id}/messages/${message.id}/threads`;
    const thread = await this.page.api.post<Channel>(path, { name });
    // The gateway may tell of it only later.
    this.page.store.putChannel(thread);
    this.page.store.go(thread.id);
  }

  private place(at: { x: number; y: number }): void {
    const { offsetWidth, offsetHeight } = this.element;
    this.element.style.left = `${Math.max(MARGIN, Math.min(at.x, innerWidth - offsetWidth - MARGIN))}px`;
    this.element.style.top = `${Math.max(MARGIN, Math.min(at.y, innerHeight - offsetHeight - MARGIN))}px`;
  }

  private drawEntry(entry: Entry): HTMLElement {
    return h("button", {
      type: "button", role: "menuitem", tabindex: -1, class: entry.danger ? "danger" : null,
      onclick: () => this.use(entry),
    }, entry.label);
  }

  private use(entry: Entry): void {
    this.close(true);
    void this.page.attempt(async () => entry.act());
  }

  private close(backToWhere: boolean): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    if (backToWhere) this.from?.focus();
  }

  private items(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("[role=menuitem]")];
  }

  private key(event: KeyboardEvent): void {
    const items = this.items();
    const place = items.indexOf(document.activeElement as HTMLElement);
    const go = (index: number): void => items[(index + items.length) % items.length]?.focus();
    if (event.key === "ArrowDown") go(place + 1);
    else if (event.key === "ArrowUp") go(place - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(-1);
    else if (event.key === "Escape" || event.key === "Tab") this.close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
