/** English, of what is kept, saved and linked. */
export default {
    "play.file": "Save its noise (JSON)",
    "play.file.help": "The file is the picture itself: whoever has it can rebuild it, with “Choose a photo”.",
    "face.saved": "Saved face",

    "unlinked.photo": "No link: it would carry seeds, and photos and saved faces have none.",
    "unlinked.long": "No link: so much is done to this face that it would be too long.",
    "notice.link": "The link is damaged: its mixture of faces cannot be made. Ask for the link again.",
    "link.sheet": "Here are the faces of the link’s seed.",

    "gallery.title": "Kept faces",
    "gallery.lead":
        "They stay on this device alone, until you delete them. What the model drew is kept as seeds; a photo as its noise, which is the photo itself. Press one to play with it.",
    "gallery.none": "No face is kept.",
    "gallery.open": "Kept face {number}, {face}: play with it",
    "gallery.model": "by the model {name}",
    "gallery.delete": "Delete",
    "gallery.delete.face": "Delete kept face {number}, {face}",
    "gallery.clear": "Delete all",
    "gallery.sure": "Delete all kept faces? They cannot be brought back.",
    "gallery.kept": "Kept, on this device: see “Kept faces”.",
    "gallery.deleted": "Deleted.",

    "error.not-face": "This file is neither a picture nor a face that was saved here.",
    "error.face-damaged": "This saved face is damaged or cut off. Save it again where it came from.",
    "error.face-version": "This saved face is of another version of this page. Reload the page and try again.",
    "error.face-big": "This file is too large for a saved face: more than {most} MB. Choose another.",
    "error.other-model":
        "This face belongs to the model {model}, or to a version of it, that this page does not have. Open it where it was saved.",
    "error.storage":
        "This browser does not let the page keep anything, perhaps because the window is private. Save the face as a file instead.",
    "error.storage-full": "There is no room left on this device. Delete some kept faces, or save this one as a file.",
};
