/** The list of channels and threads, and the seat's own card below it. */
import { avatar } from "./avatar";
import { ICONS, add, fill, h, icon } from "./dom";
import type { Page } from "./page";
import { type Channel, ChannelType } from "./types";

const SEAT_NAMES: Record<string, string> = {
  member: "Member", member2: "Second member", moderator: "Moderator", owner: "Server owner",
};
/** Threads shown below a channel; the rest is reached through messages and the forum. */
const MOST_THREADS = 8;

export class Channels {
  readonly element: HTMLElement;
  private readonly list = h("ul", { class: "channels" });
  private readonly title = h("h1");
  private readonly card = h("div", { class: "seat" });

  constructor(
    private readonly page: Page,
    seat: string,
  ) {
    this.element = h("nav", { "aria-label": "Channels", id: "channels" }, this.title, this.list, this.card);
    this.drawSeats(seat);
    page.store.on("channels", () => this.draw());
  }

  private draw(): void {
    const { store } = this.page;
    const focused = (document.activeElement as HTMLElement | null)?.dataset["channel"];
    this.title.textContent = store.guild.name;
    const items = store.visibleChannels().filter((each) => each.type !== ChannelType.category);
    fill(this.list, ...items.map((channel) => this.drawItem(channel)));
    if (focused) this.list.querySelector<HTMLElement>(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
  }

  private drawItem(channel: Channel): HTMLElement {
    const { store } = this.page;
    const threads = store.threadsOf(channel.id).filter((each) => !each.thread_metadata?.archived).slice(0, MOST_THREADS);
    const item = h("li", {}, this.drawLink(channel, channel.type === ChannelType.forum ? ICONS.forum : ICONS.hash));
    if (threads.length) {
      item.append(h("ul", {}, ...threads.map((thread) => h("li", {}, this.drawLink(thread, ICONS.thread)))));
    }
    return item;
  }

  private drawLink(channel: Channel, path: string): HTMLElement {
    const { store } = this.page;
    const unread = store.unread.has(channel.id);
    const button = h("button", {
      type: "button",
      class: unread ? "channel unread" : "channel",
      "data-channel": channel.id,
      "aria-current": channel.id === store.here ? "page" : null,
      onclick: () => store.go(channel.id),
    });
    add(button, icon(path), h("span", { class: "name" }, channel.name ?? ""), unread ? h("span", { class: "dot" }, h("span", { class: "hidden" }, "unread")) : null);
    return button;
  }

  private drawSeats(seat: string): void {
    const { seats } = this.page.session;
    const mine = seats.find((each) => each.key === seat);
    const choose = h("select", { id: "seat" });
    add(choose, ...seats.map((each) => h("option", { value: each.key, selected: each.key === seat }, `${each.name} · ${SEAT_NAMES[each.key] ?? each.key}`)));
    // A seat is a client of its own: another one starts from nothing, as another person's would.
    choose.addEventListener("change", () => location.assign(this.address(choose.value)));
    const other = seats.find((each) => each.key !== seat);
    const second = other && h("a", { href: this.address(other.key), target: "_blank", rel: "noopener" }, "Second window");
    const picture = mine ? h("img", { src: avatar({ id: mine.user_id, username: mine.name, global_name: mine.name }), alt: "" }) : null;
    fill(this.card, picture, h("div", { class: "seat-choice" }, h("label", { for: "seat" }, "You sit here as"), choose, second));
  }

  private address(key: string): string {
    const here = this.page.store.here;
    return `/?seat=${encodeURIComponent(key)}${here ? `&channel=${here}` : ""}`;
  }
}
