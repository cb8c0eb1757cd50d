// @ts-check
// Tells the person where to go without their looking: in words for a screen reader, by voice and by a short shake.

const SAID_EVERY_MS = 5000;
const SPOKEN_EVERY_MS = 4000;

export class Guide {
  /** @param {HTMLElement} live */
  constructor(live) {
    this.live = live;
    this.voice = false;
    this.shakes = true;
    this.said = 0;
    this.spoken = 0;
    this.before = "";
    /** @type {any} */
    this.lock = null;
    this.measures = false;
    document.addEventListener("visibilitychange", () => void this.#awake());
  }

  /** Whether this phone speaks Japanese by itself: a voice of a distant service would be told where one is. */
  get canSpeak() {
    return this.#japanese() !== undefined;
  }

  #japanese() {
    return globalThis.speechSynthesis?.getVoices().find((voice) => voice.localService && voice.lang.startsWith("ja"));
  }

  /**
   * The way to go, at a rate that can be listened to.
   * @param {string} sentence
   */
  way(sentence) {
    const now = Date.now();
    if (sentence === this.before) return;
    if (now - this.said > SAID_EVERY_MS) {
      this.said = now;
      this.before = sentence;
      this.live.textContent = sentence;
    }
    if (this.voice && now - this.spoken > SPOKEN_EVERY_MS && !speechSynthesis.speaking) this.#speak(sentence);
  }

  /**
   * Something that has happened, at once.
   * @param {string} sentence
   * @param {number[]} [shake]
   */
  tell(sentence, shake = [80]) {
    this.said = Date.now();
    this.live.textContent = sentence;
    if (this.shakes && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(shake);
    if (this.voice) this.#speak(sentence);
  }

  /** @param {string} sentence */
  #speak(sentence) {
    const voice = this.#japanese();
    if (!voice) return;
    this.spoken = Date.now();
    const utterance = new SpeechSynthesisUtterance(sentence);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
  }

  /** Keeps the screen on while something is measured. @param {boolean} measures */
  async awake(measures) {
    this.measures = measures;
    await this.#awake();
  }

  async #awake() {
    const held = this.lock && !this.lock.released;
    if (this.measures && !held && !document.hidden) this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
    else if (!this.measures && held) await this.lock.release();
  }
}
