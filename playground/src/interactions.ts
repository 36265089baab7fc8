/** Starts interactions, and waits for what the gateway tells this client about them. */
import type { Api } from "./api";
import { type Component, InteractionType, type Message } from "./types";

/** The application did not take the interaction within its three seconds. */
export class NoAnswer extends Error {
  constructor() {
    super("The application did not respond");
  }
}

export interface Modal {
  id: string;
  custom_id: string;
  title: string;
  components: Component[];
}

export interface Choice {
  name: string;
  name_localized?: string;
  value: string | number;
}

/** An option as it is sent: a value, or inside a subcommand further options. */
export interface SentOption {
  name: string;
  type?: number;
  value?: string | number | boolean;
  focused?: boolean;
  options?: SentOption[];
}

export interface CommandCall {
  name: string;
  type: number;
  application_id: string;
  options?: SentOption[];
  target_id?: string;
}

interface Outcome {
  name: string;
  data: { id: string; nonce: string; choices?: Choice[] } & Partial<Modal>;
}

const OUTCOMES = new Set([
  "INTERACTION_SUCCESS",
  "INTERACTION_FAILURE",
  "INTERACTION_MODAL_CREATE",
  "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
]);
/** The server itself gives an application three seconds; after this the connection must have been lost. */
const LOST_MS = 8000;

export class Interactions {
  sessionId: string | null = null;
  onModal: (modal: Modal, channelId: string) => void = () => undefined;
  /** How the commands were called that this seat has used, by interaction. */
  readonly names = new Map<string, string>();
  private count = 0;
  private readonly waiting = new Map<string, (outcome: Outcome) => void>();
  private readonly called = new Map<string, string>();

  constructor(private readonly api: Api) {}

  /** Takes a gateway event; only those about this client's interactions mean anything here. */
  note(name: string, data: unknown): void {
    const outcome = { name, data } as Outcome;
    if (name === "INTERACTION_CREATE") {
      const called = this.called.get(outcome.data.nonce);
      if (called) this.names.set(outcome.data.id, called);
    }
    if (!OUTCOMES.has(name)) return;
    this.waiting.get(outcome.data.nonce)?.(outcome);
  }

  async command(channelId: string, call: CommandCall, shown: string, files: readonly File[] = []): Promise<void> {
    await this.use(InteractionType.command, channelId, { ...call }, {}, files, shown);
  }

  async complete(channelId: string, call: CommandCall): Promise<Choice[]> {
    const outcome = await this.use(InteractionType.autocomplete, channelId, { ...call });
    return outcome.data.choices ?? [];
  }

  async component(message: Message, component: Component, values?: readonly string[]): Promise<void> {
    const data = { component_type: component.type, custom_id: component.custom_id, ...(values ? { values } : {}) };
    const extra = { message_id: message.id, message_flags: message.flags };
    await this.use(InteractionType.component, message.channel_id, data, extra);
  }

  async submit(modal: Modal, channelId: string, components: unknown, files: readonly File[]): Promise<void> {
    const data = { id: modal.id, custom_id: modal.custom_id, components };
    await this.use(InteractionType.modal, channelId, data, {}, files);
  }

  private async use(
    type: number,
    channelId: string,
    data: object,
    extra: object = {},
    files: readonly File[] = [],
    shown = "",
  ): Promise<Outcome> {
    const nonce = `${Date.now()}${++this.count}`;
    if (shown) this.called.set(nonce, shown);
    const body = { type, channel_id: channelId, session_id: this.sessionId, nonce, data, ...extra };
    const outcome = new Promise<Outcome>((resolve, reject) => {
      this.waiting.set(nonce, resolve);
      setTimeout(() => reject(new NoAnswer()), LOST_MS);
    });
    try {
      // A rejection of the wait must not count as unhandled while the request is still out.
      const [found] = await Promise.all([outcome, this.api.postFiles("/interactions", body, files, data)]);
      if (found.name === "INTERACTION_FAILURE") throw new NoAnswer();
      if (found.name === "INTERACTION_MODAL_CREATE") this.onModal(found.data as Modal, channelId);
      return found;
    } finally {
      this.waiting.delete(nonce);
      this.called.delete(nonce);
    }
  }
}
