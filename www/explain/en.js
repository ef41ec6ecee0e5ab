/** English, of what explains the flow. */
export default {
    "explain.ready": "Ready: six chapters.",

    "tour.face": "Explained with: {face}",
    "tour.take": "Take the chosen face",
    "tour.choose": "Choose a step",
    "tour.step": "Step {step} of {steps}: level {level}, {size}",

    "flow.title": "1. A flow: from picture to noise, and back",
    "flow.text":
        "To the model a picture is a long list of numbers. A flow changes it step by step, and every step can be undone. The steps were trained until the numbers of a photo came out as if they had been drawn from the bell curve; so whoever draws numbers from it, and runs the steps backwards, gets a new face. The log-determinant adds up how far the steps stretch space: with the bell curve it tells how probable this very picture is.",
    "flow.where": "Move through the steps",
    "flow.start": "Before the first of {steps} steps: the pixels",
    "flow.end": "After all {steps} steps: noise",
    "flow.plot": "Bar chart of all {count} numbers: {share} of its area lies under the bell curve",
    "flow.overlap": "Under the bell curve",
    "flow.logdet": "Log-determinant so far",
    "flow.cost": "The picture’s cost, if the flow ended here",
    "flow.cool":
        "This face was drawn at temperature {temperature}, from noise that many times as wide as the curve: see chapter 5.",
    "flow.smooth": "The better the model, the nearer photos come to the curve; smooth ones come out narrower.",

    "coupling.title": "2. Coupling: one half tells the other",
    "coupling.text.additive":
        "How can a step hold a neural network, which nobody can run backwards, and be undone all the same? One half of the numbers passes as it is. The network sees that half alone, and says what is added to the other. To undo the step, ask the network again, which sees the same half and says the same, and subtract.",
    "coupling.text.affine":
        "How can a step hold a neural network, which nobody can run backwards, and be undone all the same? One half of the numbers passes as it is. The network sees that half alone, and says what is added to the other and by what that is multiplied. To undo the step, ask the network again, which sees the same half and says the same, then divide and subtract.",
    "coupling.passes": "passes as it is",
    "coupling.before": "other half, before",
    "coupling.change": "its change",
    "coupling.after": "other half, after",
    "coupling.numbers":
        "{half} numbers pass, with a difference of {passed}; {half} change. Undone, none is further than {error} from what it was: the rounding of 32-bit numbers.",

    "matrix.title": "3. The 1×1 convolution: who passes next",
    "matrix.text":
        "If the same half always passed, it would never change. So before each coupling a matrix W mixes the channels of every pixel, everywhere in the same way: a convolution of one pixel’s size. Glow learns it, where earlier flows only changed the order. The determinant of W says how far it stretches space, once for each pixel.",
    "matrix.legend": "W, {size}: dark is 0, orange positive, blue negative, up to {most}",
    "matrix.numbers":
        "log|det W| is {logDet} for a pixel; {size} pixels make that {nats} nats of the log-determinant, or {bits} bits per dimension.",
    "matrix.fixed": "This model’s W is not learned: it only changes the order of the channels.",

    "scales.title": "4. Multi-scale: first the grain, then the face",
    "scales.text":
        "At the end of every level but the last, half of the numbers leave the flow as noise, and the rest goes on in a coarser grid. What leaves first, level 1, holds the grain; what stays longest holds the face as a whole. Here the noise of one level at a time is set to zero, which is its likeliest value, or drawn anew.",
    "scales.level": "Level {level}: {size} = {count} numbers",
    "scales.zero": "set to zero: colours {off} of 255 off",
    "scales.anew": "drawn anew: colours {off} of 255 off",
    "scales.again": "Draw anew",

    "temperature.title": "5. Temperature: how much of the noise",
    "temperature.text":
        "Temperature multiplies the noise before it becomes a face: at 1 it is as wide as the bell curve, at 0 nothing is left of it. Cooler is cleaner but duller: near zero lie the faces that the model finds likeliest, which cost the fewest bits and look alike; further out they differ more, and go wrong more often. The model learned its photographs with a little noise on them, so it draws a grain as well; where there is a switch for it, a few steps towards what it finds more probable take that away.",
    "temperature.face": "At {temperature}: {bits} bits per dimension",
    "temperature.noise": "Other noise",

    "prior.title": "6. A prior: knowing what is probable",
    "prior.text":
        "The flow says of every picture how probable it is: knowledge that is called a prior. Where a picture is known in part, the pixels around a hole or the means of squares, many pictures agree with that. Among those the flow looks for a probable one: it begins with noise, and changes it step by step, so that what it draws agrees with what is known while the noise stays ordinary.",
    "prior.invented":
        "What comes is invented. It comes from the faces of the training photos, not from whoever was covered: other noise, another answer. So nobody’s identity is brought back by enlarging a small photo, and faces that the training hardly knew are guessed worse.",
    "prior.try": "Try it on a photo: “Repair it” and “Enlarge it”",

    "read.title": "Read on",
    "read.nice": "(2014): additive coupling",
    "read.realnvp": "(2016): affine coupling, multi-scale",
    "read.glow": "(2018): the 1×1 convolution, faces, temperature",
    "read.asim": "(2019): repair and compressed sensing, with Glow as the prior",
    "read.article": "“Glow”",
    "read.openai": "by OpenAI: the article, with large faces",
};
