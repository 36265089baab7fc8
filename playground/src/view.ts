/** Everything that is drawn, and how its parts call each other. */
import { Refused } from "./api";
import { Channels } from "./channels";
import { Chat } from "./chat";
import { fetchCommands } from "./commands";
import { Composer } from "./composer";
import { h } from "./dom";
import { Forum } from "./forum";
import { Frame } from "./frame";
import type { Connection } from "./gateway";
import { NoAnswer } from "./interactions";
import { Menu } from "./menu";
import { isThinking, spokenMessage } from "./message";
import { ModalDialog } from "./modal";
import type { Acts, Page } from "./page";
import { Permission } from "./permissions";
import { NotDone } from "./playground";
import { type Change, isThread } from "./store";
import { ChannelType } from "./types";
import { WhyPanel } from "./why";
import { WorldPanel } from "./world";

const CONNECTIONS: Record<Connection, string> = {
  connecting: "Connecting…",
  open: "",
  refused: "The server does not know this seat any more: open the address that the terminal printed.",
};

export class View {
  readonly element: HTMLElement;
  private readonly page: Page;
  private readonly frame: Frame;
  private readonly chat: Chat;
  private readonly forum: Forum;
  private readonly composer: Composer;
  private readonly typing = h("div", { class: "typing" });
  /** The channel that is being opened, or has been. */
  private opening: Promise<void> = Promise.resolve();
  private readonly closed = h("p", { class: "closed", hidden: true }, "You may read here, but not write.");

  constructor(parts: Omit<Page, "say" | "attempt" | "acts">, seat: string) {
    this.page = { ...parts, say: (text, kind = "note") => this.frame.say(text, kind), attempt: (deed) => this.attempt(deed), acts: this.acts() };
    const { page } = this;
    const menu = new Menu(page, (channelId) => fetchCommands(page.api, channelId));
    page.acts.openMenu = (message, at, from) => void menu.open(message, at, from);
    const modal = new ModalDialog(page);
    page.interactions.onModal = (form, channelId) => modal.open(form, channelId);
    this.chat = new Chat(page);
    this.forum = new Forum(page);
    this.composer = new Composer(page);
    const aside = h("aside", { id: "aside", "aria-label": "Why, and this playground" }, new WhyPanel(page).element, new WorldPanel(page).element);
    this.frame = new Frame(new Channels(page, seat).element, aside, menu.element, modal.element);
    this.frame.main.append(this.chat.element, this.forum.element, this.typing, this.composer.element, this.closed);
    this.element = this.frame.element;
    this.listen();
  }

  connection(connection: Connection): void {
    this.frame.showConnection(CONNECTIONS[connection]);
  }

  private acts(): Acts {
    return {
      reply: (message) => this.composer.reply(message),
      edit: (message) => this.composer.edit(message),
      write: (text) => this.write(text),
      jump: (message) => void this.jump(message),
      openMenu: () => undefined,
      showWhy: (message) => {
        this.page.store.chosen = message.id;
        this.page.store.tell("chosen");
        this.frame.showAside();
      },
    };
  }

  private listen(): void {
    const { store } = this.page;
    store.on("connection", () => this.arrive());
    store.on("here", () => {
      this.opening = this.open();
    });
    store.on("typing", () => this.drawTyping());
    store.on("messages", (change) => this.announce(change));
    store.on("channels", ({ channelId }) => {
      if (channelId === store.here && channelId !== undefined && !store.channels.has(channelId)) this.arrive();
    });
    const { main } = this.frame;
    main.addEventListener("dragover", (event) => event.preventDefault());
    main.addEventListener("drop", (event) => {
      event.preventDefault();
      this.composer.attach(event.dataTransfer?.files);
    });
    main.addEventListener("click", (event) => this.follow(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "F6") {
        event.preventDefault();
        this.rotateFocus();
      }
    });
  }

  /** Follows a link that leads to another place of this server. */
  private follow(event: MouseEvent): void {
    const link = event.composedPath().find((each) => each instanceof HTMLElement && each.classList.contains("jump"));
    if (!(link instanceof HTMLElement)) return;
    const { channelId, messageId } = link.dataset;
    if (channelId && messageId) void this.jump({ channel_id: channelId, id: messageId });
    else if (channelId) this.page.store.go(channelId);
  }

  /** After signing in, at first and again: back to the channel that was open. */
  private arrive(): void {
    const { store, session } = this.page;
    const asked = store.here ?? new URLSearchParams(location.search).get("channel") ?? session.channels.watched;
    const known = store.channels.get(asked);
    const target = known && store.may(known, Permission.view) ? known : store.visibleChannels()[0];
    if (target) store.go(target.id);
  }

  private async open(): Promise<void> {
    const { store } = this.page;
    const channel = store.channels.get(store.here ?? "");
    if (!channel) return;
    const query = new URLSearchParams(location.search);
    query.set("channel", channel.id);
    history.replaceState(null, "", `/?${query.toString()}`);
    const isForum = channel.type === ChannelType.forum;
    const maySend = store.may(channel, isThread(channel) ? Permission.sendInThreads : Permission.send);
    this.frame.close();
    this.frame.title(channel.name ?? "", channel.topic ?? "", isForum ? "forum" : isThread(channel) ? "thread" : "hash");
    this.chat.element.hidden = isForum;
    this.forum.element.hidden = !isForum;
    this.composer.element.hidden = isForum || !maySend;
    this.closed.hidden = isForum || maySend;
    this.composer.open(isThread(channel) ? (channel.name ?? "") : `#${channel.name ?? ""}`);
    this.drawTyping();
    if (isForum) {
      this.forum.open();
      return;
    }
    this.composer.focus();
    await this.chat.open();
    store.tell("chosen");
  }

  private write(text: string): void {
    const { store } = this.page;
    this.frame.close();
    if (store.channels.get(store.here ?? "")?.type === ChannelType.forum) this.forum.write(text);
    else void this.composer.write(text);
  }

  private async jump(message: { channel_id: string; id: string }): Promise<void> {
    if (message.channel_id !== this.page.store.here) this.page.store.go(message.channel_id);
    await this.opening;
    await this.chat.jump(message.id);
  }

  private announce({ channelId, message, isNew }: Change): void {
    const { store } = this.page;
    if (!message || channelId !== store.here || message.author.id === store.me.id) return;
    // A reply that was thought about is news when it is there, by an edit.
    if ((isNew || message.interaction_metadata) && !isThinking(message)) this.frame.speak(spokenMessage(message, this.page));
  }

  private drawTyping(): void {
    const { store } = this.page;
    const names = store.typing(store.here ?? "").map((id) => {
      const member = store.members.get(id);
      return member ? store.nameOf(member.user) : "Somebody";
    });
    const text = names.length ? `${new Intl.ListFormat("en-GB").format(names)} ${names.length > 1 ? "are" : "is"} typing…` : "";
    this.typing.textContent = text;
  }

  private rotateFocus(): void {
    const places = [".channel[aria-current]", "[role=article][tabindex='0']", ".composer textarea", "aside button"];
    const found = places.map((each) => this.element.querySelector<HTMLElement>(each));
    const active = document.activeElement;
    const regions = ["nav", ".chat", ".composer", "aside"].map((each) => this.element.querySelector(each));
    const now = regions.findIndex((region) => region?.contains(active) ?? false);
    for (let step = 1; step <= places.length; step++) {
      const next = found[(now + step) % places.length];
      if (next && next.offsetParent !== null) {
        next.focus();
        return;
      }
    }
  }

  private async attempt(deed: () => Promise<unknown>): Promise<boolean> {
    try {
      await deed();
      return true;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof NoAnswer || error instanceof NotDone)) console.error(error);
      this.frame.say(error instanceof Error ? error.message : String(error), "error");
      return false;
    }
  }
}
