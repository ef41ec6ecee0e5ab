// Draws what is committed as www/icon-*.png, from the icon, and www/card.jpg, the picture of a shared link: faces that the model
// drew, from models/faces64.png. node pkg-scripts/draw.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const inline = (path, type) => `data:${type};base64,${readFileSync(root(path), "base64")}`;
const icon = readFileSync(root("www/icon.svg"), "utf8");
/** Systems cut a maskable icon to a shape of theirs, of which the middle four fifths are left: no corners, and a smaller face. */
const maskable = icon.replace(' rx="8"', "").replace('viewBox="0 0 32 32"', 'viewBox="-2 -2 36 36"');
const drawing = (svg) => `data:image/svg+xml,${encodeURIComponent(svg)}`;
const ground = maskable.match(/fill="(#\w+)"/)[1];

const CARD = [1200, 630];
/** Faces across and down on the card, the sheet's first, which have so many pixels, and one between them. */
const [ACROSS, DOWN, SIDE] = [6, 3, 128];

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();

/** Has the page draw on a canvas; leaves it in a file. */
async function draw(path, type, [width, height], ground, pictures) {
    const url = await page.evaluate(
        async ([type, width, height, ground, pictures]) => {
            const canvas = Object.assign(document.createElement("canvas"), { width, height });
            const context = canvas.getContext("2d");
            context.imageSmoothingQuality = "high";
            context.fillStyle = ground;
            context.fillRect(0, 0, width, height);
            for (const { source, places } of pictures) {
                const image = new Image();
                image.src = source;
                await image.decode();
                for (const place of places) context.drawImage(image, ...place);
            }
            return canvas.toDataURL(type, 0.8);
        },
        [type, width, height, ground, pictures],
    );
    writeFileSync(root(path), Buffer.from(url.split(",")[1], "base64"));
}

for (const side of [192, 512]) {
    const places = [[0, 0, side, side]];
    await draw(`www/icon-${side}.png`, "image/png", [side, side], "#0000", [{ source: drawing(icon), places }]);
}
await draw("www/icon-maskable.png", "image/png", [512, 512], ground, [
    { source: drawing(maskable), places: [[0, 0, 512, 512]] },
]);

const side = CARD[1] / DOWN;
const left = (CARD[0] - ACROSS * side) / 2;
const places = Array.from({ length: ACROSS * DOWN }, (_, i) => {
    const [x, y] = [i % ACROSS, Math.floor(i / ACROSS)];
    const from = [1 + (SIDE + 1) * x, 1 + (SIDE + 1) * y, SIDE, SIDE];
    return [...from, left + side * x, side * y, side, side];
});
await draw("www/card.jpg", "image/jpeg", CARD, ground, [{ source: inline("models/faces64.png", "image/png"), places }]);
await browser.close();
