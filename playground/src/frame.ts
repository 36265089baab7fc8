/** The page's three columns, which become drawers where the screen is narrow, and its notices. */
import { ICONS, add, fill, h, icon } from "./dom";
import { themeSwitch } from "./theme";

const NOTICE_MS = 6000;
/** Screen readers miss a text that is set in the same moment as another. */
const SPEAK_MS = 50;

export class Frame {
  readonly element: HTMLElement;
  readonly main = h("main", { id: "chat" });
  private readonly channelName = h("h2", { class: "channel-name" });
  private readonly topic = h("span", { class: "topic" });
  private readonly connection = h("div", { class: "connection", role: "status", hidden: true });
  private readonly notices = h("div", { class: "notices" });
  private readonly live = h("div", { class: "hidden", "aria-live": "polite", role: "log" });
  private readonly left: HTMLButtonElement;
  private readonly right: HTMLButtonElement;
  private readonly shade = h("div", { class: "shade" });

  constructor(nav: HTMLElement, aside: HTMLElement, ...overlays: HTMLElement[]) {
    this.left = h("button", { type: "button", class: "round drawer-left", "aria-label": "Channels", "aria-controls": "channels", "aria-expanded": "false" }, icon(ICONS.menu));
    this.right = h("button", { type: "button", class: "round drawer-right", "aria-label": "Why, and this playground", "aria-controls": "aside", "aria-expanded": "false" }, icon(ICONS.why));
    const header = h("header", {}, this.left, this.channelName, this.topic, themeSwitch(), this.right);
    const skip = h("a", { class: "skip", href: "#chat" }, "Skip to the messages");
    this.element = h("div", { class: "frame" }, skip, nav, h("div", { class: "middle" }, header, this.connection, this.main), aside, this.shade, ...overlays, this.notices, this.live);
    this.left.addEventListener("click", () => this.toggle("left"));
    this.right.addEventListener("click", () => this.toggle("right"));
    this.shade.addEventListener("click", () => this.close());
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.element.dataset["drawer"]) this.close();
    });
  }

  title(name: string, topic: string, kind: "hash" | "forum" | "thread"): void {
    fill(this.channelName, icon(ICONS[kind]), h("span", {}, name));
    this.topic.textContent = topic;
    document.title = `${name} · Faqtotum's playground`;
  }

  showConnection(text: string): void {
    this.connection.textContent = text;
    this.connection.hidden = text === "";
  }

  /** A notice that goes away by itself; errors stay until they are closed. */
  say(text: string, kind: "note" | "error"): void {
    const notice = h("div", { class: `a-notice ${kind}`, role: kind === "error" ? "alert" : "status" }, h("span", {}, text));
    add(notice, h("button", { type: "button", "aria-label": "Close", onclick: () => notice.remove() }, icon(ICONS.close)));
    this.notices.append(notice);
    if (kind === "note") setTimeout(() => notice.remove(), NOTICE_MS);
  }

  /** Reads something out to whoever listens. */
  speak(text: string): void {
    setTimeout(() => fill(this.live, h("p", {}, text)), SPEAK_MS);
  }

  /** Opens the panel at the right where it is a drawer. */
  showAside(): void {
    if (getComputedStyle(this.right).display !== "none" && this.element.dataset["drawer"] !== "right") this.toggle("right");
  }

  close(): void {
    const was = this.element.dataset["drawer"];
    delete this.element.dataset["drawer"];
    this.left.setAttribute("aria-expanded", "false");
    this.right.setAttribute("aria-expanded", "false");
    if (was) (was === "left" ? this.left : this.right).focus();
  }

  private toggle(side: "left" | "right"): void {
    if (this.element.dataset["drawer"] === side) {
      this.close();
      return;
    }
    this.element.dataset["drawer"] = side;
    this.left.setAttribute("aria-expanded", String(side === "left"));
    this.right.setAttribute("aria-expanded", String(side === "right"));
    const drawer = document.getElementById(side === "left" ? "channels" : "aside");
    drawer?.querySelector<HTMLElement>("button, a, select")?.focus();
  }
}
