/** English, of what repairs and enlarges a photo. */
export default {
    "repair.help":
        "Paint over what is to go: a scratch, glasses, a hand. The flow knows how probable every picture is, and looks for one that agrees with all that stays. What it puts there is invented: it shows what faces are like, not what was there.",
    "repair.mask": "What is to go",
    "repair.keys": "Paint by pointer or finger; or with the arrow keys, which move the brush, and the space bar.",
    "repair.brush": "Brush",
    "repair.parts": "Or all at once:",
    "repair.eye.left": "Left eye",
    "repair.eye.right": "Right eye",
    "repair.glasses": "Glasses",
    "repair.mouth": "Mouth",
    "repair.rub": "Rub out",
    "repair.clear": "Clear",
    "repair.start": "Fill it in",
    "repair.found": "Your photo, filled in",

    "enlarge.help":
        "The photo is made small, and the flow looks for a probable face that looks the same when it is as small. There are many: no two need be alike, and none need be the person in the photo. What a small picture has lost, nobody can bring back.",
    "enlarge.small": "Made as small as",
    "enlarge.start": "Enlarge it",
    "enlarge.found": "Your photo, enlarged",

    "restore.stop": "Stop",
    "restore.choose":
        "Choose one; press the button again to see others. The fourth is the mean of the three: nearest to what was lost, as a rule, and the least sharp.",
    "restore.searching": "Looking for what fits …",
    "restore.done": "Found three that fit.",
    "restore.stopped": "Stopped: what was found so far stays.",
    "restore.nothing": "Stopped before anything was found.",
    "restore.number": "Number {number} of what fits",
    "restore.mean": "The mean of what fits",
};
