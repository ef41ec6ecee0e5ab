/** English, where a model draws pictures of anything: in the place of words about faces. */
export default {
    skip: "Skip to the pictures",
    lead: "Nothing here exists. A normalizing flow, a chain of invertible steps, turns noise into pictures on your own device, and your photo into noise and back, to the last bit. Nothing leaves this page.",
    "faces.title": "New pictures",
    "faces.dice": "New pictures",
    "faces.levels.help":
        "The coarsest level holds the picture as a whole, the finest its grain. A low temperature draws close to the average, a high one wilder.",
    "faces.face": "Picture {number} of seed {seed}",
    "flow.scrubber": "From noise to picture",
    "photo.lead": "The flow runs in both directions. Give it a photo: it becomes noise, and comes back identical.",
    "photo.hint":
        "Or drop one here, or a picture that was saved as a file. It stays on your device: this page has no way to send it.",
    "crop.help":
        "The two rings hold the bright square, which the model sees. Move a ring by dragging it or with the arrow keys; move the photo likewise; wheel, pinch, + or − to zoom.",
    "eyes.left": "Left ring",
    "eyes.right": "Right ring",
    "bits.help":
        "What the model would need to write this picture down. Smooth pictures are cheap and busy ones dear, whatever they show: it is no measure of beauty.",
    "map.help":
        "The map shows where the bits go: to edges and patterns, hardly to the sky or a plain wall. How busy a picture is, a plain compressor tells; what the model needs beyond it is what surprises it.",
    "noise.help": "Level by level: the coarsest holds the picture as a whole, the finest its grain.",
    "play.title": "Play with a picture",
    "play.lead":
        "Mix it with another; draw parts of it anew. Take any of the new pictures, or your photo: it stays on your device.",
    "play.invite": "Play with the chosen picture",
    "play.edit": "Edit this picture",
    "face.saved": "Saved picture",
    "unlinked.photo": "No link: it would carry seeds, and photos and saved pictures have none.",
    "unlinked.long": "No link: so much is done to this picture that it would be too long.",
    "mix.title": "Mix with another picture",
    "mix.help":
        "Between two pictures there are others: the mixture is made of the noise that they come from, not of their pixels.",
    "mix.alone": "There is no other picture to mix with yet: draw more of them above, or bring a photo.",
    "mix.strip": "two pictures",
    "mix.sheet": "four pictures",
    "mix.picker": "With which picture?",
    "mix.cell.strip": "{across} % of the other picture",
    "mix.share": "Other picture",
    "mix.levels.help": "Take the coarsest level from one picture and the finest from the other.",
    "anew.help":
        "The coarse levels hold the whole, the fine ones its grain. Keep some, and draw the others as often as you like.",
    "animate.help":
        "From picture to picture, through the noise between them, with all that is done to this one. A saved film holds one round, or the first steps of a walk.",
    "animate.loop": "chosen pictures, and back",
    "animate.walk": "random pictures, on and on",
    "animate.through": "Through which pictures?",
    "animate.alone": "There is no other picture yet: draw more of them above, or bring a photo.",
    "explain.lead":
        "Six short chapters, computed by the model at hand: on a photo of yours, or on a picture of its own.",
    "model.fair": "It knows no more than its training photos: small pictures of animals and vehicles.",
    "device.first": "The GPU is looked at when the first pictures are drawn.",
    "device.faster": "A picture takes {gpu} ms there and {cpu} ms on the CPU.",
    "device.slower": "A picture takes {cpu} ms there and {gpu} ms on the GPU.",
    "status.drawing": "Drawing pictures …",
    "status.faces": "{count} pictures, {time} ms each.",
};
