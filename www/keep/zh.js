/** 简体中文：收藏、保存和链接。 */
export default {
    "play.file": "保存噪声（JSON）",
    "play.file.help": "这个文件就是图片本身：任何人有了它，都能用“选择照片”重建图片。",
    "face.saved": "保存的脸",

    "unlinked.photo": "没有链接：链接只带种子，而照片和保存的脸没有种子。",
    "unlinked.long": "没有链接：对这张脸做的改动太多，链接会太长。",
    "notice.link": "链接已损坏：无法混合出其中的脸。请重新索取链接。",
    "link.sheet": "这里是链接中种子的脸。",

    "gallery.title": "收藏的脸",
    "gallery.lead":
        "它们只存于此设备，直到您删除。模型画的脸存为种子；照片存为噪声，而噪声就是照片本身。点一张即可把玩。",
    "gallery.none": "没有收藏的脸。",
    "gallery.open": "收藏 {number}，{face}：把玩它",
    "gallery.model": "出自模型 {name}",
    "gallery.delete": "删除",
    "gallery.delete.face": "删除收藏 {number}，{face}",
    "gallery.clear": "全部删除",
    "gallery.sure": "删除全部收藏的脸？删除后无法恢复。",
    "gallery.kept": "已收藏在此设备上：见“收藏的脸”。",
    "gallery.deleted": "已删除。",

    "error.not-face": "这个文件既不是图片，也不是在本页保存的脸。",
    "error.face-damaged": "保存的脸已损坏或不完整。请在原处重新保存。",
    "error.face-version": "保存的脸来自本页的另一版本。请刷新页面后重试。",
    "error.face-big": "这个文件超过 {most} MB，不会是保存的脸。请另选一个。",
    "error.other-model": "这张脸属于模型 {model}（或其某一版本），而本页没有它。请在保存它的地方打开。",
    "error.storage": "此浏览器不允许本页保存内容，可能因为是无痕窗口。请把这张脸保存成文件。",
    "error.storage-full": "此设备已没有空间。请删除一些收藏的脸，或把这张脸保存成文件。",
};
