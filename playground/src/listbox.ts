/** A list to choose from, beside the control that opened it: select menus, commands, suggestions, mentions. */
import { type Child, fill, h } from "./dom";

export interface Item<T> {
  value: T;
  label: string;
  hint?: string;
  detail?: string;
  selected?: boolean;
}

interface Options<T> {
  label: string;
  onChoose: (value: T, item: Item<T>) => void;
  /** Several can be chosen: choosing does not close the list. */
  several?: boolean;
}

let count = 0;

export class Listbox<T> {
  readonly element: HTMLElement;
  readonly id = `list-${++count}`;
  private items: readonly Item<T>[] = [];
  private active = -1;

  /** `owner` keeps the focus and gets `aria-activedescendant`. */
  constructor(
    private readonly owner: HTMLElement,
    private readonly options: Options<T>,
  ) {
    this.element = h("ul", { id: this.id, role: "listbox", class: "listbox", "aria-label": options.label, hidden: true });
    if (options.several) this.element.setAttribute("aria-multiselectable", "true");
    // Before the owner loses the focus.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
    this.element.addEventListener("click", (event) => this.click(event));
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  get current(): Item<T> | undefined {
    return this.items[this.active];
  }

  show(items: readonly Item<T>[], empty: Child = null): void {
    this.items = items;
    fill(this.element, ...items.map((item, index) => this.draw(item, index)));
    if (items.length === 0 && empty) fill(this.element, h("li", { role: "option", "aria-disabled": "true" }, empty));
    this.element.hidden = items.length === 0 && !empty;
    this.owner.setAttribute("aria-expanded", String(this.open));
    if (this.open) this.owner.setAttribute("aria-controls", this.id);
    this.activate(items.length ? Math.max(0, items.findIndex((item) => item.selected)) : -1);
  }

  hide(): void {
    this.element.hidden = true;
    this.items = [];
    this.active = -1;
    this.owner.setAttribute("aria-expanded", "false");
    this.owner.removeAttribute("aria-activedescendant");
  }

  /** Handles a key that was pressed in the owner; true when it was meant for the list. */
  key(event: KeyboardEvent): boolean {
    if (!this.open) return false;
    switch (event.key) {
      case "ArrowDown": this.activate(this.active + 1); break;
      case "ArrowUp": this.activate(this.active - 1); break;
      case "Home": if (!this.options.several) return false; this.activate(0); break;
      case "Escape": this.hide(); break;
      case "Enter":
      case "Tab":
        if (!this.current) return false;
        this.choose(this.active);
        break;
      default: return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  private draw(item: Item<T>, index: number): HTMLElement {
    return h("li", { role: "option", id: `${this.id}-${index}`, "aria-selected": String(item.selected ?? false) },
      h("span", { class: "option-label" }, item.label),
      item.hint ? h("span", { class: "option-hint" }, item.hint) : null,
      item.detail ? h("span", { class: "option-detail" }, item.detail) : null,
    );
  }

  private activate(index: number): void {
    const length = this.items.length;
    this.element.children[this.active]?.classList.remove("active");
    this.active = length ? (index + length) % length : -1;
    const element = this.element.children[this.active];
    if (!element) return;
    element.classList.add("active");
    element.scrollIntoView({ block: "nearest" });
    this.owner.setAttribute("aria-activedescendant", element.id);
  }

  private click(event: MouseEvent): void {
    const option = (event.target as Element).closest("[role=option]");
    const index = option ? [...this.element.children].indexOf(option) : -1;
    if (index >= 0 && index < this.items.length) this.choose(index);
  }

  private choose(index: number): void {
    const item = this.items[index];
    if (!item) return;
    if (this.options.several) {
      item.selected = !item.selected;
      this.element.children[index]?.setAttribute("aria-selected", String(item.selected));
    } else {
      this.hide();
    }
    this.options.onChoose(item.value, item);
  }
}
