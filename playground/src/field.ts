/** One option of a command, with the control that suits its type. */
import { channels, people, roles } from "./choices";
import { add, h } from "./dom";
import type { Choice } from "./interactions";
import { Listbox } from "./listbox";
import type { Page } from "./page";
import { type CommandOption, OptionType } from "./types";

/** How long typing pauses before suggestions are asked for. */
const PAUSE_MS = 150;

type Control = HTMLInputElement | HTMLSelectElement;
type Suggest = (typed: string) => Promise<Choice[]>;

export class Field {
  readonly element: HTMLElement;
  readonly control: Control;
  readonly label: string;
  private chosen: { shown: string; value: string | number } | null = null;
  private asked = 0;
  private timer = 0;

  constructor(
    readonly option: CommandOption,
    private readonly page: Page,
    private readonly suggest: Suggest,
  ) {
    this.label = option.name_localized ?? option.name;
    const about = option.description_localized ?? option.description;
    this.control = this.makeControl();
    this.control.setAttribute("aria-label", `${this.label}: ${about}`);
    this.control.title = about;
    this.element = h("div", { class: "field" }, h("span", { class: "field-name", "aria-hidden": "true" }, this.label), this.control);
    if (option.autocomplete) this.element.append(this.withSuggestions(this.control as HTMLInputElement));
  }

  get takesText(): boolean {
    return this.option.type === OptionType.string && this.control instanceof HTMLInputElement;
  }

  /** Puts text in as if it were typed. */
  type(text: string): void {
    this.control.value = text;
    this.control.dispatchEvent(new Event("input"));
  }

  /** What is filled in, or undefined for nothing; a file is added to `files` and stands as its number. */
  value(files: File[]): string | number | boolean | undefined {
    if (this.option.type === OptionType.file) {
      const file = (this.control as HTMLInputElement).files?.[0];
      return file ? String(files.push(file) - 1) : undefined;
    }
    const text = this.control.value;
    if (text === "") return undefined;
    if (this.chosen?.shown === text) return this.chosen.value;
    if (this.option.type === OptionType.boolean) return text === "true";
    if (this.option.type === OptionType.integer || this.option.type === OptionType.number) return Number(text);
    return text;
  }

  private makeControl(): Control {
    const { type, choices, required } = this.option;
    if (choices?.length) {
      return this.select(choices.map((each) => ({ value: String(each.value), label: each.name_localized ?? each.name })));
    }
    switch (type) {
      case OptionType.boolean: return this.select([{ value: "true", label: "True" }, { value: "false", label: "False" }]);
      case OptionType.user: return this.select(people(this.page.store));
      case OptionType.role: return this.select(roles(this.page.store));
      case OptionType.mentionable: return this.select([...people(this.page.store), ...roles(this.page.store)]);
      case OptionType.channel: return this.select(channels(this.page.store, this.option.channel_types));
      case OptionType.file: return h("input", { type: "file" });
      case OptionType.integer:
      case OptionType.number:
        return h("input", { type: "number", step: type === OptionType.integer ? 1 : "any", min: this.option.min_value, max: this.option.max_value });
      default:
        return h("input", { type: "text", autocomplete: "off", maxlength: this.option.max_length, placeholder: required ? "" : "optional" });
    }
  }

  private select(items: readonly { value: string; label: string }[]): HTMLSelectElement {
    const control = h("select", {}, h("option", { value: "" }, "Choose…"));
    add(control, ...items.map((item) => h("option", { value: item.value }, item.label)));
    return control;
  }

  private withSuggestions(input: HTMLInputElement): HTMLElement {
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    const list = new Listbox<Choice>(input, {
      label: `Suggestions for ${this.label}`,
      onChoose: (choice) => {
        const shown = choice.name_localized ?? choice.name;
        this.chosen = { shown, value: choice.value };
        input.value = shown;
      },
    });
    const ask = (): void => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.refresh(input, list), PAUSE_MS);
    };
    input.addEventListener("input", ask);
    input.addEventListener("focus", ask);
    input.addEventListener("blur", () => {
      clearTimeout(this.timer);
      this.asked++;
      list.hide();
    });
    input.addEventListener("keydown", (event) => {
      // Enter sends what is typed unless somebody went into the list.
      if (event.key === "Enter" && !this.moved) list.hide();
      else if (list.key(event)) this.moved = event.key.startsWith("Arrow");
    });
    return list.element;
  }

  private moved = false;

  private async refresh(input: HTMLInputElement, list: Listbox<Choice>): Promise<void> {
    const mine = ++this.asked;
    let choices: Choice[];
    try {
      choices = await this.suggest(input.value);
    } catch {
      // Suggestions that do not come are shown as such; the command itself can still be sent.
      if (mine === this.asked) list.show([], "Loading options failed");
      return;
    }
    if (mine !== this.asked || document.activeElement !== input) return;
    this.moved = false;
    list.show(choices.map((choice) => ({ value: choice, label: choice.name_localized ?? choice.name })));
  }
}
