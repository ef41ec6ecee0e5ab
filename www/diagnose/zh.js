/** 简体中文。 */
export default {
    "diagnosis.title": "GPU 在此的表现",
    "diagnosis.help": "用于报告问题，也可报告成功。其中写明您的浏览器和 GPU，但不会自行发送到任何地方。",
    "diagnosis.copy": "复制报告",
    "diagnosis.measuring": "正在测量 CPU 和 GPU……",
    "diagnosis.measured": "测量完毕。",
};
