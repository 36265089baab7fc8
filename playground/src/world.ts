/** The panel that moves the little world: the bot, the busy week, the night, and one's own FAQ. */
import { add, fill, h } from "./dom";
import type { Page } from "./page";
import { NotDone, type Problem, type State } from "./playground";
import { setClock } from "./times";

const POLL_MS = 4000;
/** While something goes on, its progress is worth looking at more often. */
const BUSY_POLL_MS = 700;
const CLOCK = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const BOT_STATES = { running: "The bot is running", starting: "The bot is starting", stopped: "The bot is stopped" } as const;

export class WorldPanel {
  readonly element: HTMLElement;
  private readonly bot = h("p", { class: "bot-state", role: "status" });
  private readonly knows = h("p", { class: "dim" });
  private readonly clock = h("p", { class: "dim" });
  private readonly night = h("p", { class: "dim" });
  private readonly outcome = h("div", { class: "outcome", role: "status" });
  private readonly input = h("input", { type: "file", multiple: true, hidden: true, tabindex: -1, id: "faq-files" });
  private readonly buttons = {
    bot: this.button("Stop the bot", () => this.toggleBot()),
    week: this.button("A busy week", () => this.playWeek()),
    night: this.button("Let the night pass", () => this.passNight()),
    choose: this.button("Choose files…", () => Promise.resolve(this.input.click())),
    restore: this.button("Back to the first FAQ", () => this.restore()),
  };
  private state: State | null = null;

  constructor(private readonly page: Page) {
    this.element = h("section", { class: "world", "aria-labelledby": "world-title" },
      h("h2", { id: "world-title" }, "This playground"),
      this.bot, this.knows, this.clock,
      h("div", { class: "deeds" }, this.buttons.bot, this.buttons.week, this.buttons.night), this.night,
      this.drawTries(),
      this.drawDrop(),
      this.outcome,
      h("p", { class: "about dim" }, `Faqtotum ${page.session.version} · `, h("a", { href: "/assets/licences.txt", target: "_blank" }, "what this page is made of")),
    );
    this.input.addEventListener("change", () => {
      void this.load([...(this.input.files ?? [])]);
      this.input.value = "";
    });
    void this.poll();
  }

  private button(label: string, act: () => Promise<unknown>): HTMLButtonElement {
    const button = h("button", { type: "button", class: "plain" }, label);
    button.addEventListener("click", () => {
      button.classList.add("busy");
      button.setAttribute("aria-busy", "true");
      void this.page.attempt(act).finally(() => {
        button.classList.remove("busy");
        button.removeAttribute("aria-busy");
        void this.refresh();
      });
    });
    return button;
  }

  private drawTries(): HTMLElement {
    const lines = this.page.session.try.map((line) => {
      const use = (): void => this.page.acts.write(line);
      return h("li", {}, h("button", { type: "button", class: "link", onclick: use }, line));
    });
    return h("div", {}, h("h3", {}, "Try"), h("ul", { class: "tries" }, ...lines));
  }

  private drawDrop(): HTMLElement {
    const zone = h("div", { class: "drop" },
      h("h3", {}, "Your own FAQ"),
      h("p", { class: "dim" }, "Drop its files here: YAML, CSV, or what else the bot can import. They stay on this machine."),
      this.buttons.choose, this.buttons.restore, this.input,
    );
    const light = (on: boolean) => (event: DragEvent) => {
      event.preventDefault();
      event.stopPropagation();
      zone.classList.toggle("over", on);
    };
    zone.addEventListener("dragover", light(true));
    zone.addEventListener("dragleave", light(false));
    zone.addEventListener("drop", (event) => {
      light(false)(event);
      void this.load([...(event.dataTransfer?.files ?? [])]);
    });
    return zone;
  }

  private async poll(): Promise<void> {
    if (document.visibilityState === "visible") await this.refresh();
    setTimeout(() => void this.poll(), this.state?.busy ? BUSY_POLL_MS : POLL_MS);
  }

  private async refresh(): Promise<void> {
    try {
      this.state = await this.page.playground.state();
    } catch (error) {
      this.bot.textContent = error instanceof Error ? error.message : String(error);
      return;
    }
    this.draw(this.state);
  }

  private draw(state: State): void {
    setClock(state.now);
    write(this.bot, BOT_STATES[state.bot]);
    this.bot.dataset["state"] = state.bot;
    write(this.knows, `${state.faq.own ? "Your FAQ" : "FAQ"}: ${state.faq.name} · it knows ${state.knows}`);
    write(this.clock, `In this world it is ${CLOCK.format(new Date(state.now))}`);
    write(this.buttons.bot, state.bot === "stopped" ? "Start the bot" : "Stop the bot");
    const busy = state.busy !== null;
    this.buttons.bot.disabled = busy || state.bot === "starting";
    this.buttons.week.disabled = busy || state.week;
    this.buttons.night.disabled = busy || state.night !== true;
    write(this.night, state.busy ?? (state.night === true ? "" : state.night));
    this.buttons.restore.hidden = !state.faq.own;
  }

  private async toggleBot(): Promise<void> {
    await this.page.playground.setBot(this.state?.bot === "stopped");
  }

  private async playWeek(): Promise<void> {
    fill(this.outcome, "The week is being played…");
    const { messages, questions, people } = await this.page.playground.week();
    fill(this.outcome, `A week has passed: ${messages} messages, ${questions} of them questions, by ${people} people.`);
  }

  private async passNight(): Promise<void> {
    fill(this.outcome, "The night passes…");
    const { report, why } = await this.page.playground.night();
    fill(this.outcome, why);
    if (!report) return;
    const target = { channel_id: report.channel_id, id: report.message_id };
    add(this.outcome, " ", h("button", { type: "button", class: "link", onclick: () => this.page.acts.jump(target) }, "Go to the report"));
  }

  private async restore(): Promise<void> {
    await this.page.playground.restoreFaq();
    fill(this.outcome, "The bot is back to the FAQ it started with.");
  }

  private async load(files: File[]): Promise<void> {
    if (files.length === 0) return;
    fill(this.outcome, "Reading the files…");
    try {
      const loaded = await this.page.playground.loadFaq(files);
      fill(this.outcome, `The bot now knows ${counted(loaded.entries, "entry", "entries")} with ${counted(loaded.phrasings, "phrasing", "phrasings")}, from ${loaded.files.join(", ")}.`);
      const notes = (loaded.notes ?? []).map((each) => h("li", {}, h("b", {}, each.path), `: ${each.message}`));
      if (notes.length) add(this.outcome, h("ul", { class: "problems" }, ...notes));
    } catch (error) {
      if (!(error instanceof NotDone)) throw error;
      fill(this.outcome, h("p", { class: "complaint" }, error.message), drawProblems(error.problems));
    }
    await this.refresh();
  }
}

function drawProblems(problems: readonly Problem[]): HTMLElement | null {
  if (problems.length === 0) return null;
  const lines = problems.map((each) => h("li", {}, h("b", {}, each.line ? `${each.path}, line ${each.line}` : each.path), `: ${each.message}`));
  return h("ul", { class: "problems" }, ...lines);
}

/** Sets a text only where it differs, so that nobody is told the same twice. */
function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
