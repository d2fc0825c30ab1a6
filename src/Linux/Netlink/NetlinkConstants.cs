namespace HaGrpc.Linux.Netlink;

/// <summary>Numbers of linux/netlink.h.</summary>
internal static class NetlinkConstants
{
    public const int HeaderLength = 16;

    public const int ProtocolRoute = 0;
    public const int ProtocolSocketDiagnosis = 4;
    public const int ProtocolNetfilter = 12;

    public const ushort MessageError = 2;
    public const ushort MessageDone = 3;
    public const ushort MessageOverrun = 4;

    public const ushort FlagRequest = 0x1;
    public const ushort FlagAck = 0x4;
    public const ushort FlagDumpInterrupted = 0x10;
    public const ushort FlagCapped = 0x100;
    public const ushort FlagAckTlvs = 0x200;
    public const ushort FlagDump = 0x300;
    public const ushort FlagReplace = 0x100;
    public const ushort FlagCreate = 0x400;

    public const int SolNetlink = 270;
    public const int AddMembership = 1;
    public const int CapAck = 10;
    public const int ExtAck = 11;

    public const ushort NestedAttribute = 0x8000;
    public const ushort AttributeTypeMask = 0x3FFF;
    public const ushort ErrorAttributeMessage = 1;
}
