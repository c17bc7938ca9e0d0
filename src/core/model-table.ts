/** What is configured by `provider/model`, and by `provider/*` for the rest: found without putting the name together. */
export class ModelTable<T> {
  private readonly providers = new Map<string, Map<string, T>>();

  private readonly known: (provider: string, model: string) => T | null;

  /** @param known of what is not in the table; asked each time */
  constructor(byTarget: ReadonlyMap<string, T>, known: (provider: string, model: string) => T | null = () => null) {
    this.known = known;
    for (const [target, value] of byTarget) {
      const slash = target.indexOf('/');
      const provider = target.slice(0, slash);
      const models = this.providers.get(provider) ?? new Map<string, T>();
      this.providers.set(provider, models.set(target.slice(slash + 1), value));
    }
  }

  /** Null: neither the model nor the rest of its provider's is there, and nobody knows it. */
  find(provider: string, model: string): T | null {
    const models = this.providers.get(provider);
    return models?.get(model) ?? models?.get('*') ?? this.known(provider, model);
  }
}
