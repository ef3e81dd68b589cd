"""Ollama: a `Modelfile` that runs what another trainer trained."""

from __future__ import annotations

from collections.abc import Mapping

from curation.exports.trainers.base import BLOCK, Job, Trainer

#: How SmolLM2's chat template writes one question, as Ollama's templates say it; the first sentence is its own default.
CHAT_TEMPLATE = """\
<|im_start|>system
{{ if .System }}{{ .System }}{{ else }}You are a helpful AI assistant named SmolLM, trained by Hugging Face{{ end }}\
<|im_end|>
<|im_start|>user
{{ .Prompt }}<|im_end|>
<|im_start|>assistant
"""


class Ollama(Trainer):
    """Ollama, with a `Modelfile` for the model that another trainer trains: it doesn't train itself.

    `--for trl --for ollama` writes one for what TRL trains. Ollama alone uses TRL's folder names.
    """

    name = "ollama"
    title = "Ollama"
    formats = {name: name for name in ("documents", "jsonl", "mlx-text", "prompt-completion", "chat", "mlx-chat")}
    files = ("Modelfile",)
    install = "https://ollama.com/download"
    run = "ollama create posts -f Modelfile && ollama run posts"
    trains = False

    def write(self, job: Job) -> Mapping[str, str]:
        """The Modelfile."""
        assert job.partner
        parts = [
            "# Ollama runs a model and doesn't train. In this folder, after training:\n"
            f"#     {job.partner.run}\n#     {self.run}",
            *(_adapter(job, job.partner) if job.lora else _whole(job, job.partner)),
        ]
        if job.lora:
            template, end, note = (
                CHAT_TEMPLATE,
                "<|im_end|>",
                "SmolLM2's chat template. With another base, use that one's.",
            )
        else:
            template, end, note = "{{ .Prompt }}", "<|endoftext|>", "The model continues the prompt."
        parts.append(f"# {note}\nTEMPLATE {quoted(template)}")
        parts.append(
            "PARAMETER temperature 1\nPARAMETER top_p 0.95\nPARAMETER num_predict 160\n"
            f'PARAMETER num_ctx {BLOCK}\nPARAMETER stop "{end}"'
        )
        if job.instruction:
            parts.append(
                "# The instruction of the export. In the training text it is the user's message before posts that "
                f"answer nobody.\nSYSTEM {quoted(job.instruction)}"
            )
        return {self.files[0]: "\n\n".join(parts) + "\n"}


def _whole(job: Job, partner: Trainer) -> list[str]:
    """FROM, for a model that was trained whole."""
    if partner.needs_merge:
        source = _merged(job, partner)
    else:
        source = f"# The model that {partner.title} trains as a whole.\n"
        if partner.checkpoints:
            source += f"# Remove {partner.trained}/{partner.checkpoints} first: Ollama would read those models, too.\n"
        source += f"FROM ./{partner.trained}"
    return [source, "# Only if you train a LoRA adapter instead; then FROM is its base.\n# ADAPTER ./adapter"]


def _adapter(job: Job, partner: Trainer) -> list[str]:
    """FROM and ADAPTER, for an adapter."""
    if partner.needs_merge:
        return [_merged(job, partner)]
    by = f", which this writes,\n#     {_merge(job, partner)}\n#" if partner.merge else ""
    return [
        f"# The base, the same that was trained on:\n#     hf download {job.base} --local-dir base\nFROM ./base",
        f"# The adapter that {partner.title} trains.\nADAPTER ./{partner.trained}",
        '# Ollama 0.13 says "no Modelfile or safetensors files found" of an adapter in a folder. Then take the merged\n'
        f"# model{by} in place of both lines:\n# FROM ./{partner.merged}",
    ]


def _merged(job: Job, partner: Trainer) -> str:
    """FROM, for what a command merges."""
    return f"# The model that {partner.title} trains, merged by\n#     {_merge(job, partner)}\nFROM ./{partner.merged}"


def _merge(job: Job, partner: Trainer) -> str:
    return partner.merge.replace("BASE", job.base)


def quoted(text: str) -> str:
    r"""A value for a Modelfile, in three quotation marks, which a text can't end.

    Three of them within become apostrophes, since Ollama can't escape them. Characters that don't print become blanks,
    since Ollama doesn't keep them.

    >>> quoted("Go on.").strip(chr(34)), quoted(3 * chr(34)).strip(chr(34))
    ('Go on.', "'''")
    """
    shown = "".join(c if c == "\n" or c.isprintable() else " " for c in text.replace('"""', "'''"))
    # Ollama would read a mark next to the three as one of them.
    return f'"""{" " if shown.startswith(chr(34)) else ""}{shown}{" " if shown.endswith(chr(34)) else ""}"""'
