/** The messages of the open channel: a window onto them that moves as one scrolls, however many there are. */
import { add, fill, h } from "./dom";
import { continues, drawMessage } from "./message";
import type { Page } from "./page";
import { Rows } from "./rows";
import type { Timeline } from "./timeline";
import { dayOf, sameDay } from "./times";
import type { Message } from "./types";

/** How many messages are in the document at most, and how many are added at a time. */
const ROOM = 120;
const STEP = 40;
/** One request; Discord allows up to 100. */
const PAGE = 50;
/** How near to an end of what is drawn one scrolls before more is added, in pixels. */
const NEAR = 800;
const AT_BOTTOM = 60;
const LIT_MS = 2000;

export class Chat {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private readonly down: HTMLButtonElement;
  private readonly keys: Rows;
  private readonly rows = new Map<string, { message: Message; joined: boolean; element: HTMLElement }>();
  /** The messages that are drawn: from this place of the timeline up to that one. */
  private from = 0;
  private to = 0;
  /** The end of the channel stays in view as it grows. */
  private stuck = true;
  /** How far one could scroll when that was last looked at. */
  private limit = 0;
  private busy = false;
  private generation = 0;

  constructor(private readonly page: Page) {
    this.list = h("discord-messages", { "no-background": true, role: "log", "aria-live": "off", "aria-label": "Messages" });
    this.down = h("button", { type: "button", class: "to-present", hidden: true, onclick: () => void this.toPresent() }, "Jump to present");
    const scroller = h("div", { class: "scroller" }, this.list);
    this.element = h("div", { class: "chat" }, scroller, this.down);
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.settle()).observe(this.list);
    new ResizeObserver(() => this.settle()).observe(scroller);
    this.keys = new Rows(this.list, page, (id) => this.timeline.find(id));
    page.store.on("messages", ({ channelId, isNew }) => {
      if (channelId === page.store.here) this.refresh(isNew ?? false);
    });
    page.store.on("people", () => this.redraw());
  }

  private get scroller(): HTMLElement {
    return this.list.parentElement as HTMLElement;
  }

  private get timeline(): Timeline {
    return this.page.store.timeline(this.page.store.here ?? "");
  }

  /** Shows the end of the open channel. */
  async open(): Promise<void> {
    const mine = ++this.generation;
    this.rows.clear();
    fill(this.list);
    this.stuck = true;
    const { timeline } = this;
    if (!timeline.atEnd) {
      timeline.clear();
      await this.fetch(timeline, "");
      if (mine !== this.generation) return;
    }
    this.to = timeline.messages.length;
    this.from = Math.max(0, this.to - PAGE);
    this.draw();
    this.settle();
  }

  /** Shows a message, wherever in the channel it is, and lights it up for a moment. */
  async jump(id: string): Promise<void> {
    const { timeline } = this;
    if (timeline.place(id) < 0) {
      timeline.clear();
      await this.fetch(timeline, `around=${id}`);
    }
    const place = timeline.place(id);
    if (place < 0) {
      this.page.say("That message is gone.");
      return;
    }
    this.stuck = false;
    this.from = Math.max(0, place - STEP);
    this.to = Math.min(timeline.messages.length, place + STEP);
    this.draw();
    const row = this.rows.get(id)?.element;
    if (!row) return;
    this.keys.focus(row);
    await (row as { updateComplete?: Promise<unknown> }).updateComplete;
    row.scrollIntoView({ block: row.offsetHeight < this.scroller.clientHeight / 2 ? "center" : "start" });
    row.classList.add("lit");
    setTimeout(() => row.classList.remove("lit"), LIT_MS);
  }

  private async toPresent(): Promise<void> {
    if (!this.timeline.atEnd) this.timeline.clear();
    await this.open();
  }

  /** Fetches one page into the timeline, the newest or `where` as in Discord's query; how many came. */
  private async fetch(timeline: Timeline, where: "" | `${"around" | "before" | "after"}=${string}`): Promise<number> {
    const channelId = this.page.store.here ?? "";
    const settle = ({ length }: readonly Message[]): void => {
      if (!where.startsWith("a") && length < PAGE) timeline.atStart = true;
      if (!where || (where.startsWith("after") && length < PAGE)) timeline.atEnd = true;
    };
    let count = 0;
    await this.page.attempt(async () => {
      const page = this.page.api.get<Message[]>(`/channels/${channelId}/messages?limit=${PAGE}${where && `&${where}`}`);
      count = await timeline.join(page, settle);
    });
    return count;
  }

  private refresh(isNew: boolean): void {
    const { length } = this.timeline.messages;
    const wasAtEnd = this.to >= length - 1;
    if (this.stuck || (isNew && wasAtEnd && this.to - this.from < ROOM)) {
      this.to = length;
      if (this.stuck) this.from = Math.max(0, Math.min(this.from, length - PAGE), length - ROOM);
    }
    this.to = Math.min(this.to, length);
    this.from = Math.min(this.from, this.to);
    this.draw();
    this.settle();
  }

  private redraw(): void {
    this.rows.clear();
    this.draw();
  }

  private draw(): void {
    const { messages, atStart } = this.timeline;
    const shown = messages.slice(this.from, this.to);
    const kept = new Set<string>();
    const children: HTMLElement[] = [];
    if (this.from === 0 && atStart) children.push(this.drawStart());
    shown.forEach((message, index) => {
      const before = messages[this.from + index - 1];
      if (!before || !sameDay(before.timestamp, message.timestamp)) children.push(drawDay(message));
      children.push(this.row(message, continues(message, before)));
      kept.add(message.id);
    });
    for (const id of [...this.rows.keys()]) if (!kept.has(id)) this.rows.delete(id);
    arrange(this.list, children);
    this.keys.settle();
  }

  private row(message: Message, joined: boolean): HTMLElement {
    const known = this.rows.get(message.id);
    if (known && known.message === message && known.joined === joined) return known.element;
    const element = drawMessage(message, joined, this.page);
    if (known?.element.contains(document.activeElement)) queueMicrotask(() => element.focus());
    this.rows.set(message.id, { message, joined, element });
    return element;
  }

  private drawStart(): HTMLElement {
    const channel = this.page.store.channels.get(this.page.store.here ?? "");
    const name = channel?.name ?? "";
    return h("div", { class: "start" }, h("h2", {}, `Welcome to ${name}`), h("p", {}, channel?.topic || "This is where it begins."));
  }

  private settle(): void {
    const { scrollHeight, clientHeight } = this.scroller;
    this.limit = scrollHeight - clientHeight;
    if (this.stuck) this.scroller.scrollTop = this.limit;
    this.down.hidden = this.stuck && this.timeline.atEnd;
  }

  private scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const below = scrollHeight - scrollTop - clientHeight;
    const complete = this.timeline.atEnd && this.to >= this.timeline.messages.length;
    // What grows or shrinks also scrolls: only who scrolls where nothing has changed wants to leave the end.
    if (this.stuck && scrollHeight - clientHeight !== this.limit) this.settle();
    else this.stuck = complete && below < AT_BOTTOM;
    this.down.hidden = this.stuck || (complete && below < clientHeight);
    if (this.busy) return;
    if (scrollTop < NEAR) void this.extend(() => this.up());
    else if (below < NEAR) void this.extend(() => this.further());
  }

  private async extend(step: () => Promise<boolean>): Promise<void> {
    this.busy = true;
    const mine = this.generation;
    const moved = await step();
    if (moved && mine === this.generation) {
      // At the very top browsers do not hold what is seen in its place while something is put above it.
      if (this.scroller.scrollTop === 0) this.scroller.scrollTop = 1;
      this.draw();
      await Promise.all([...this.rows.values()].map(({ element }) => (element as { updateComplete?: Promise<unknown> }).updateComplete));
    }
    this.busy = false;
  }

  private async up(): Promise<boolean> {
    const { timeline } = this;
    const oldest = timeline.messages[0];
    if (this.from < STEP && oldest && !timeline.atStart) {
      const count = await this.fetch(timeline, `before=${oldest.id}`);
      this.from += count;
      this.to += count;
    } else if (this.from === 0) return false;
    this.from = Math.max(0, this.from - STEP);
    this.to = Math.min(this.to, this.from + ROOM);
    return true;
  }

  private async further(): Promise<boolean> {
    const { timeline } = this;
    if (this.to >= timeline.messages.length) {
      const newest = timeline.messages.at(-1);
      if (timeline.atEnd || !newest) return false;
      await this.fetch(timeline, `after=${newest.id}`);
    }
    if (this.to >= timeline.messages.length) return false;
    this.to = Math.min(timeline.messages.length, this.to + STEP);
    this.from = Math.max(this.from, this.to - ROOM);
    return true;
  }
}

function drawDay(message: Message): HTMLElement {
  const day = h("div", { class: "day" });
  add(day, h("span", {}, dayOf(message.timestamp)));
  return day;
}

/** Makes these the children of a list, leaving alone what is in its place already. */
function arrange(list: HTMLElement, children: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(children);
  for (const each of [...list.children]) if (!wanted.has(each)) each.remove();
  children.forEach((child, index) => {
    if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null);
  });
}
