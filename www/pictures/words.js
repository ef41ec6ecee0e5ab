/** The words of a model that draws pictures of anything. */
export { default as en } from "./en.js";
export { default as zh } from "./zh.js";
