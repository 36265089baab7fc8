/** The messages under the keyboard: one can be reached with the Tab key, from there the arrows lead on. */
import type { Page } from "./page";
import type { Message } from "./types";

/** Where the menu of a message opens that was asked for by key: below its head, in from its edge. */
const MENU_DOWN = 24;
const MENU_IN = 1 / 3;
const MENU_TOP = 60;

export class Rows {
  constructor(
    private readonly list: HTMLElement,
    private readonly page: Page,
    private readonly find: (id: string) => Message | undefined,
  ) {
    list.addEventListener("keydown", (event) => this.key(event));
    list.addEventListener("contextmenu", (event) => this.menu(event));
  }

  /** Makes the newest message the one that the Tab key reaches, unless somebody is at another one. */
  settle(): void {
    const all = this.all();
    if (this.list.contains(document.activeElement) && all.some((each) => each.tabIndex === 0)) return;
    for (const each of all) each.setAttribute("tabindex", each === all.at(-1) ? "0" : "-1");
  }

  focus(row: HTMLElement | undefined): void {
    if (!row) return;
    for (const each of this.all()) each.setAttribute("tabindex", each === row ? "0" : "-1");
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  private all(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>(":scope > [role=article]")];
  }

  private key(event: KeyboardEvent): void {
    const row = (event.target as Element).closest<HTMLElement>("[role=article]");
    if (!row) return;
    if (event.target !== row) {
      // Back from a link or button of the message to the message.
      if (event.key === "Escape") this.focus(row);
      return;
    }
    const message = this.find(row.dataset["id"] ?? "");
    if (this.go(event.key, row) || (message && this.act(event.key, message, row))) event.preventDefault();
  }

  private go(key: string, row: HTMLElement): boolean {
    const all = this.all();
    const place = all.indexOf(row);
    const targets: Record<string, HTMLElement | undefined> = {
      ArrowUp: all[place - 1], ArrowDown: all[place + 1], Home: all[0], End: all.at(-1),
    };
    this.focus(targets[key]);
    return key in targets;
  }

  private act(key: string, message: Message, row: HTMLElement): boolean {
    const { acts } = this.page;
    if (key === "r") acts.reply(message);
    else if (key === "w") acts.showWhy(message);
    else if (key === "Enter" || key === "ContextMenu") {
      const box = row.getBoundingClientRect();
      acts.openMenu(message, { x: box.left + box.width * MENU_IN, y: Math.max(MENU_TOP, box.top + MENU_DOWN) }, row);
    } else return false;
    return true;
  }

  private menu(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>("[role=article]");
    const message = this.find(row?.dataset["id"] ?? "");
    // Links and pictures have a menu of the browser's own.
    if (!row || !message || (event.target as Element).closest("a, img")) return;
    event.preventDefault();
    this.page.acts.openMenu(message, { x: event.clientX, y: event.clientY }, row);
  }
}
