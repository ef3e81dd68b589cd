"""Messages of a WhatsApp chat. A chat is private: only the messages of `--author` are read."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from curation.sources.dialects.base import Context, OnePost
from curation.sources.records.dates import written_time
from curation.sources.records.not_a_post import LeftOutRecord

#: The text of a picture, a file or a deleted message, in the most common languages of telephones.
_PLACEHOLDER = re.compile(
    r"<[^<>\n]{3,60}>"  # <Media omitted>, <Medien ausgeschlossen>, <Multimedia omitido>, <Attached: 1.jpg>
    r"|(?:image|video|audio|sticker|document|gif|contact card|bild|imagen|imagem|immagine|sticker|figurinha) "
    r"(?:omitted|weggelassen|omitido|omitida|omitid[oa]|omesso|omessa|absente?|ausente|omessi)"
    r"|(?:this message was deleted|you deleted this message|diese nachricht wurde gelöscht|se eliminó este mensaje"
    r"|mensagem apagada|esta mensagem foi apagada|ce message a été supprimé|questo messaggio è stato eliminato"
    r"|dit bericht is verwijderd|сообщение удалено|данное сообщение удалено|このメッセージは削除されました)\.?"
    r"|\S{1,200} \((?:file attached|datei angehängt|archivo adjunto|arquivo anexado|fichier joint|файл добавлен)\)",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"\s*\u200e?<[^<>\n]{0,40}(?:edited|bearbeitet|editad[oa]|modificat[oa]|изменено)[^<>\n]{0,20}>\s*$", re.I
)


class Whatsapp(OnePost):
    """Messages of a chat that WhatsApp exported, of one person."""

    name: ClassVar[str] = "whatsapp"
    doc: ClassVar[str] = (
        "a chat that WhatsApp exported (_chat.txt); only the messages of `--author`, named as in the chat"
    )
    platform: ClassVar[str] = "whatsapp"
    wordless: ClassVar[str] = "a picture, file or deleted message without words"
    origin: ClassVar[str] = "WhatsApp, *Export chat → Without media*, on either kind of telephone."

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        name, text = str(record.get("name") or ""), str(record.get("text") or "")
        if not name:
            raise LeftOutRecord("a notice of WhatsApp's, such as a changed subject or a missed call")
        if not context.author:
            raise LeftOutRecord(
                "a chat is private, so only one's own messages are read; name yourself as the chat does, with --author"
            )
        context.check_author((name,), "chat")
        text = _EDITED.sub("", text)
        return {
            "author": name,
            "author_name": name,
            "created_at": written_time(re.sub(r"[\u202f\u00a0]", " ", str(record.get("date") or "")), context.order),
            "text": "" if _PLACEHOLDER.fullmatch(text.strip("\u200e \n")) else text,
            "is_repost": False,
        }
