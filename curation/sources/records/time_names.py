"""What people and programs call the column that holds a post's time, the likeliest first."""

from __future__ import annotations

TIME_NAMES: tuple[str, ...] = (
    "created_at", "created_at_utc", "timestamp", "datetime", "date", "tweet_created",
    "tweet_created_at", "tweet_at", "posted_at", "published_at", "tweet_date", "created_utc",
    "published_at_utc", "posted_at_utc", "date_posted", "date_published", "publish_date",
    "published_date", "published_time", "publish_time", "pub_date", "post_date", "posted_date",
    "posted_time", "post_time", "tweet_time", "date_time", "date_utc", "utc_date", "datetime_utc",
    "utc_datetime", "timestamp_utc", "utc_timestamp", "created", "published", "posted",
    "created_time", "created_date", "created_on", "create_time", "create_date", "date_created",
    "time_created", "creation_date", "creation_time", "creation_timestamp",
    "created_timestamp", "taken_at", "taken_at_timestamp", "timestamp_ms", "created_at_ms",
    "created_at_timestamp", "unix_timestamp", "unix_time", "epoch", "epoch_time", "time", "time_utc",
    "tweet_timestamp", "post_timestamp", "status_created_at", "tweet_created_time",
    "post_datetime", "post_created",
    "发布时间", "发表时间", "发布日期", "发微博时间", "微博时间", "创建时间", "时间", "日期",
    "發布時間", "發表時間", "時間", "投稿日時", "投稿日", "日時", "作成日時", "日付", "작성일", "작성일시",
    "작성시간", "게시일", "날짜", "등록일", "дата", "дата публикации", "дата создания", "время",
    "дата и время", "fecha", "fecha_hora", "fecha de publicación", "fecha_publicacion",
    "fecha_creacion", "data_hora", "data_publicacao", "data de publicação", "data_criacao",
    "date de publication", "date_publication", "date_creation", "datum", "erstellt_am",
    "veröffentlicht", "zeitstempel", "tarih", "tanggal", "waktu", "التاريخ", "تاريخ", "تاريخ النشر",
    "وقت النشر", "วันที่", "เวลา", "ngày", "ngày đăng", "तारीख",
)  # fmt: skip
