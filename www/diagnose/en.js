/** English. */
export default {
    "diagnosis.title": "What the GPU does here",
    "diagnosis.help":
        "For a report of a problem, or of a success. It names your browser and your GPU, and goes nowhere by itself.",
    "diagnosis.copy": "Copy the report",
    "diagnosis.measuring": "Measuring CPU and GPU …",
    "diagnosis.measured": "Measured.",
};
