"""Names of columns in other languages than English, as people and their spreadsheets write them."""

from __future__ import annotations

LOCALISED: dict[str, tuple[str, ...]] = {
    "id": (
        "id du tweet", "id del tweet", "id do tweet", "id твита", "트윗 id", "게시물 id",
    ),
    "text": (
        "微博正文", "微博内容", "推文内容", "推文內容", "推文", "正文", "内容", "內容", "文本", "评论内容",
        "評論內容", "本文", "投稿内容", "ツイート本文", "ツイート内容", "ツイート", "テキスト", "コメント", "본문",
        "내용", "트윗", "텍스트", "댓글", "текст", "текст твита", "твит", "сообщение", "содержание", "texto",
        "texto del tweet", "contenido", "mensaje", "tuit", "conteúdo", "mensagem", "texte", "contenu", "inhalt",
        "nachricht", "beitrag", "testo", "contenuto", "messaggio", "metin", "içerik", "mesaj", "النص", "نص",
        "المحتوى", "محتوى", "التغريدة", "نص التغريدة", "متن", "متن توییت", "ข้อความ", "เนื้อหา", "טקסט", "תוכן",
        "ציוץ", "पाठ", "टेक्स्ट", "संदेश", "nội dung", "văn bản", "isi", "teks", "konten", "tekst", "treść",
        "inhoud", "κείμενο",
    ),
    "author": (
        "用户名", "用戶名", "博主", "作者", "发布者", "發文者", "ユーザー名", "ユーザ名", "投稿者", "アカウント",
        "작성자", "사용자", "사용자명", "автор", "пользователь", "имя пользователя", "autor", "autora", "usuario",
        "nombre de usuario", "usuário", "nome de usuário", "auteur", "utilisateur", "nom d'utilisateur",
        "nom d’utilisateur", "benutzer", "benutzername", "verfasser", "autore", "utente", "nome utente",
        "kullanıcı", "kullanıcı adı", "yazar", "المستخدم", "اسم المستخدم", "الكاتب", "الحساب", "نویسنده", "کاربر",
        "ผู้ใช้", "ชื่อผู้ใช้", "ผู้เขียน", "משתמש", "שם משתמש", "מחבר", "उपयोगकर्ता", "लेखक", "tác giả",
        "người dùng", "tên người dùng", "pengguna", "penulis", "użytkownik", "gebruiker", "gebruikersnaam",
        "χρήστης", "συγγραφέας",
    ),
    "created_at": (
        "दिनांक", "समय", "תאריך", "วันเวลา", "วันที่โพสต์", "publicado", "publicado em", "publicado el",
        "data de criação", "fecha de creación", "publié le", "publiziert", "veröffentlicht am", "data e ora",
        "data pubblicazione", "yayın tarihi", "تاریخ", "ημερομηνία", "data",
    ),
    "like_count": (
        "点赞", "点赞数", "點讚", "點讚數", "赞", "いいね", "いいね数", "좋아요", "좋아요수", "лайки", "нравится",
        "me gusta", "curtidas", "j'aime", "gefällt mir", "mi piace", "beğeni", "beğeniler", "الإعجابات", "ถูกใจ",
        "לייקים", "पसंद", "lượt thích",
    ),
    "repost_count": (
        "转发", "转发数", "轉發", "轉發數", "リツイート", "リツイート数", "リポスト", "리트윗", "리트윗수",
        "ретвиты", "репосты", "retuits", "إعادة التغريد", "รีทวีต",
    ),
    "reply_count": (
        "评论数", "評論數", "回复数", "返信数", "返信", "댓글수", "답글수", "комментарии", "ответы", "respuestas",
        "respostas", "réponses", "antworten", "risposte", "yanıtlar", "الردود",
    ),
    "url": (
        "链接", "微博链接", "連結", "リンク", "링크", "ссылка", "enlace", "lien", "الرابط", "رابط", "ลิงก์",
        "קישור", "लिंक",
    ),
}  # fmt: skip
