/** Elements of the page, with their types. */

/**
 * @template {Element} T
 * @param {ParentNode} root what it lies in
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(root, id, type) {
    const found = root.querySelector(`#${id}`);
    if (!(found instanceof type)) throw new Error(`#${id} is not a ${type.name}`);
    return found;
}

/**
 * Several of them, named as in a dataset: `viewerTitle` is the one whose id is `viewer-title`.
 * @template {Record<string, new () => Element>} Types
 * @param {ParentNode} root
 * @param {Types} types
 * @returns {{ [Name in keyof Types]: InstanceType<Types[Name]> }}
 */
export function elements(root, types) {
    const id = (/** @type {string} */ name) => name.replaceAll(/[A-Z]/g, "-$&").toLowerCase();
    const found = Object.entries(types).map(([name, type]) => [name, element(root, id(name), type)]);
    return Object.fromEntries(found);
}

/**
 * @template {"button" | "canvas" | "dd" | "dt" | "figcaption" | "figure" | "input" | "label" | "li" | "option" | "output" | "span" | "strong"} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} [properties]
 * @param {(Node | string)[]} children
 */
export function make(name, properties = {}, ...children) {
    const made = document.createElement(name);
    Object.assign(/** @type {object} */ (made), properties);
    made.append(...children);
    return made;
}

/**
 * @param {string} name of an SVG element
 * @param {Record<string, string | number>} attributes
 * @param {string} [content]
 */
export function shape(name, attributes, content = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    made.textContent = content;
    return made;
}

/** @param {HTMLDListElement} list @param {string[][]} rows terms, with what is said of them */
export const setRows = (list, rows) =>
    list.replaceChildren(
        ...rows.flatMap(([term, text]) => [make("dt", { textContent: term }), make("dd", { textContent: text })]),
    );

/** Says what a picture shows, to whoever does not see it. @param {Element} canvas @param {string} text */
export function describe(canvas, text) {
    canvas.role = "img";
    canvas.ariaLabel = text;
}

/** Calls back when a button is pressed. @param {ParentNode} root @param {string} id @param {() => void} act */
export const onClick = (root, id, act) => element(root, id, HTMLButtonElement).addEventListener("click", act);

/** Aborts the last run of some work when the next begins. */
export class Latest {
    #controller = new AbortController();

    /** @returns {AbortSignal} of the run that begins */
    next() {
        this.#controller.abort();
        this.#controller = new AbortController();
        return this.#controller.signal;
    }
}
