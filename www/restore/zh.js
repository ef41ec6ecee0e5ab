/** Chinese, of what repairs and enlarges a photo. */
export default {
    "repair.help":
        "把要去掉的部分涂住：划痕、眼镜、一只手。流模型知道每张图片有多可能，它会寻找一张与保留部分相符的图片。填上的内容是虚构的：它显示人脸通常的样子，而不是原来那里的东西。",
    "repair.mask": "要去掉的部分",
    "repair.keys": "用鼠标或手指涂抹；也可用方向键移动画笔，按空格键涂抹。",
    "repair.brush": "画笔",
    "repair.parts": "或一次选定：",
    "repair.eye.left": "左眼",
    "repair.eye.right": "右眼",
    "repair.glasses": "眼镜",
    "repair.mouth": "嘴",
    "repair.rub": "擦除",
    "repair.clear": "清空",
    "repair.start": "填补",
    "repair.found": "您的照片，已填补",

    "enlarge.help":
        "照片先被缩小，流模型再寻找一张缩小后与它相同的、可能的人脸。这样的脸有很多：它们不必彼此相像，也不必是照片中的人。小图片丢失的内容，谁也找不回来。",
    "enlarge.small": "缩小到",
    "enlarge.start": "放大",
    "enlarge.found": "您的照片，已放大",

    "restore.stop": "停止",
    "restore.choose": "选一个；再按一次按钮可看别的结果。第四张是前三张的平均：通常最接近丢失的内容，但最不清晰。",
    "restore.searching": "正在寻找相符的图片……",
    "restore.done": "找到三张相符的图片。",
    "restore.stopped": "已停止：保留目前找到的结果。",
    "restore.nothing": "已停止：尚未找到任何结果。",
    "restore.number": "第 {number} 个相符的结果",
    "restore.mean": "相符结果的平均",
};
